"""Tests of 02_backward, torch track: run them with `pytest exercises/02_backward/test_backward_torch.py`.

They go from the plainest graph to a whole one: the first that fails is the one to look at first.
"""

from contextlib import contextmanager

import expect
import torch


def tensor(*numbers, shape=None):
    made = torch.tensor(numbers, dtype=torch.float64)
    return made.reshape(shape if shape is not None else len(numbers)).requires_grad_()


def check(backward_torch, what, leaves, formula, slips=()):
    """The gradients that backward leaves behind, against those of torch's own engine. slips: for a.grad."""
    want = torch.autograd.grad(formula(*leaves), leaves)
    root = formula(*leaves)
    with no_engine(), expect.slip(KeyError, "a child in next_functions is None where no gradient is needed"):
        backward_torch.backward(root)
    for name, leaf, grad in zip("abc", leaves, want, strict=False):
        nothing = (
            f"no gradient has arrived at {name} in {what}: does the walk begin at the root, and end at the leaves?"
        )
        if leaf.grad is None:
            raise expect.Failure(nothing)
        found = expect.tensor(leaf.grad, leaf.shape, f"{name}.grad of {what}", leaf.dtype)
        assert not found.requires_grad, (
            f"{name}.grad of {what} requires grad itself: it is a result, not part of a graph"
        )
        expect.close(found, grad, f"{name}.grad of {what}", slips=slips if name == "a" else ())


def engine_runs():
    """The number of this run of torch's autograd engine: every run has the next one."""
    numbers = []
    result = torch.ones((), requires_grad=True) * 2
    result.register_hook(lambda grad: numbers.append(torch._C._current_graph_task_id()))
    result.backward()
    return numbers[0]


@contextmanager
def no_engine():
    """Fails when torch's autograd engine runs inside."""
    before = engine_runs()
    yield
    if engine_runs() - before > 1:
        raise expect.Failure("backward() calls torch's own backward: this step is where you write it")


def test_order_of_a_chain(backward_torch):
    """topological_order has the leaf's node first and root.grad_fn last."""
    x = tensor(0.5, 2.0)
    root = (x.exp() * 3).sum()
    order = backward_torch.topological_order(root)
    assert type(order) is list, "topological_order() must return a list"
    assert None not in order, "None stands in next_functions where no gradient is needed: leave it out"
    names = [node.name() for node in order]
    want = ["torch::autograd::AccumulateGrad", "ExpBackward0", "MulBackward0", "SumBackward0"]
    assert names == want, f"the order of (x.exp() * 3).sum() is {names}; {want} belongs there"


def test_order_has_children_first(backward_torch):
    """Every node stands once, after all the nodes in its next_functions."""
    a, b = tensor(0.5, 2.0), tensor(-1.0, 3.0)
    root = ((a + b) * a * b).sum()  # b is a child at two levels
    order = backward_torch.topological_order(root)
    assert len(order) == len(set(order)) == 6, f"the graph has 6 nodes (2 of leaves); the order has {len(order)}"
    for place, node in enumerate(order):
        for child, _ in node.next_functions:
            assert child in order[:place], f"{node.name()} stands before its child {child.name()}"
    assert order[-1] is root.grad_fn, "root.grad_fn must stand last"


def test_order_of_a_leaf_is_empty(backward_torch):
    """A tensor that was not computed from others has no nodes under it, nor has an input without gradient."""
    a = tensor(0.5, 2.0)
    found = backward_torch.topological_order(a)
    assert type(found) is list, "topological_order() of a leaf must return a list, []"
    assert len(found) == 0, "topological_order() of a leaf must be []"
    order = backward_torch.topological_order(a * torch.tensor(2.0))
    assert None not in order, "None stands in next_functions where no gradient is needed: leave it out"
    assert len(order) == 2, f"a * constant has 2 nodes; the order has {len(order)}"


def test_one_path(backward_torch):
    """Along one path the derivatives are multiplied."""
    slips = [
        ([4.25 * 0.5, 4.25 * 2.0], "all is 4.25 times too large, the root's value: the root's slope by itself is 1")
    ]
    check(backward_torch, "(a * constant).sum()", [tensor(0.5, 2.0)], lambda a: (a * a.detach()).sum(), slips)
    check(backward_torch, "(a.exp() * 3).mean()", [tensor(0.5, 2.0)], lambda a: (a.exp() * 3).mean())
    check(backward_torch, "a.sin(), of shape (1,)", [tensor(0.5)], lambda a: a.sin())
    check(backward_torch, "a.sin(), of shape ()", [tensor(0.5, shape=())], lambda a: a.sin())


def test_several_uses_add_up(backward_torch):
    """The gradient of a tensor that is used several times is the sum over its uses."""
    slips = [([0.5, 2.0], "that is the share of one use only: all that arrive at a node are added up")]
    check(backward_torch, "(a * a + a).sum()", [tensor(0.5, 2.0)], lambda a: (a * a + a).sum(), slips)
    leaves = [tensor(0.5, 2.0), tensor(-1.0, 3.0)]
    check(backward_torch, "((a + b) * a * b).sum()", leaves, lambda a, b: ((a + b) * a * b).sum())
    leaves = [tensor(0.5, 2.0), tensor(-1.0, 3.0)]
    check(backward_torch, "(a + b).sum() + (a * a).sum()", leaves, lambda a, b: (a + b).sum() + (a * a).sum())


def test_broadcasting(backward_torch):
    """A tensor that was broadcast gets a gradient of its own shape."""
    leaves = [tensor(0.5, 2.0, -1.0, 3.0, 1.5, -0.5, shape=(2, 3)), tensor(1.0, -2.0, 0.3), tensor(0.7, shape=())]
    check(backward_torch, "((a + b) * c).sin().sum()", leaves, lambda a, b, c: ((a + b) * c).sin().sum())


def test_several_outputs(backward_torch):
    """Operations of several outputs work, and the root may be the second of them."""
    a, which = (
        (0.5, 2.0, 3.0),
        "that went to output 0: which output of its node is it? next_functions and output_nr tell",
    )
    check(backward_torch, "a.unbind(0)[1] ** 2", [tensor(*a)], lambda a: a.unbind(0)[1] ** 2, [([4, 0, 0], which)])
    check(backward_torch, "(2 * a).unbind(0)[2]", [tensor(*a)], lambda a: (2 * a).unbind(0)[2], [([2, 0, 0], which)])
    leaves = [tensor(0.5, 2.0, -1.0, 3.0, 1.5, -0.5, shape=(2, 3))]
    check(backward_torch, "a.max(1).values.prod()", leaves, lambda a: a.max(1).values.prod())


def test_pieces(backward_torch):
    """Indexing, cat, stack and where have the right gradients."""
    a, b = (2.0, 0.5, -1.0), (-0.3, 1.2, 4.0)
    pick = torch.tensor([2, 0, 2])
    check(backward_torch, "a[[2, 0, 2]].prod()", [tensor(*a)], lambda a: a[pick].prod())
    check(backward_torch, "cat", [tensor(*a), tensor(*b)], lambda a, b: (torch.cat([a, b, a]) ** 3).sum())
    check(backward_torch, "stack", [tensor(*a), tensor(*b)], lambda a, b: torch.stack([a, b * b])[:, 1:].prod())
    check(backward_torch, "where", [tensor(*a), tensor(*b)], lambda a, b: torch.where(a > 0, a * b, b * b).sum())


def test_functions_written_in_python(backward_torch):
    """Functions written in Python, as those of step 01, work: a number among the operands, None for a gradient."""

    class Scale(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, factor, y):
            ctx.factor = factor
            return x * factor, y * factor * 2

        @staticmethod
        def backward(ctx, left, right):
            return left * ctx.factor, None, right * ctx.factor * 2

    leaves = [tensor(0.5, 2.0), tensor(-1.0, 3.0)]
    check(
        backward_torch,
        "both outputs",
        leaves,
        lambda a, b: (Scale.apply(a, 3.0, b)[0] * Scale.apply(a, 2.0, b)[1]).sum(),
    )
    leaves = [tensor(0.5, 2.0), tensor(-1.0, 3.0)]
    check(backward_torch, "one output", leaves, lambda a, b: (Scale.apply(a, 3.0, b)[1] * a).sum())


def test_inputs_without_gradient(backward_torch):
    """Constants and tensors that the root does not depend on get no gradient."""
    a, b, constant = tensor(0.5, 2.0), tensor(-1.0, 3.0), torch.tensor([4.0, 5.0], dtype=torch.float64)
    backward_torch.backward((a * constant + b.detach()).sum())
    expect.close(a.grad, [4.0, 5.0], "a.grad of (a * constant + b.detach()).sum()")
    assert b.grad is None, "the root depends on b.detach() only, not on b: b.grad stays None"
    assert constant.grad is None, "a constant gets no gradient"


def test_a_second_call_adds(backward_torch):
    """A second call of backward adds the same gradient again."""
    a = tensor(0.5, 2.0)
    root = (a * a).sum()
    backward_torch.backward(root)
    expect.close(a.grad, [1.0, 4.0], "a.grad of (a * a).sum()")
    backward_torch.backward(root)
    slips = [
        ([1.0, 4.0], "the second call has replaced what was there: it adds to it"),
        ([5.0, 20.0], "what the first call passed on is still there: gradients on the way belong to one call only"),
    ]
    expect.close(a.grad, [2.0, 8.0], "a.grad after a second call", slips=slips)


def test_gradients_are_tensors_of_their_own(backward_torch):
    """Two leaves never share one gradient tensor."""
    a, b = tensor(0.5, 2.0), tensor(-1.0, 3.0)
    backward_torch.backward(((a + b) * torch.tensor([2.0, 5.0])).sum())
    expect.close(b.grad, [2.0, 5.0], "b.grad")
    a.grad.zero_()
    expect.close(b.grad, [2.0, 5.0], "b.grad after a.grad was overwritten (do they share one tensor?)")


def test_a_long_chain(backward_torch):
    """A graph deeper than Python's stack works, and one of 2^40 paths takes no longer than its 40 nodes."""
    x = tensor(1.5)
    y = x
    for _ in range(5000):
        y = y * 1.0001
    backward_torch.backward(y)
    expect.close(x.grad, [1.0001**5000], "x.grad after 5000 multiplications")
    x = tensor(1.5)
    y = x
    for _ in range(40):
        y = y + y
    backward_torch.backward(y)
    expect.close(x.grad, [2.0**40], "x.grad after 40 doublings")
