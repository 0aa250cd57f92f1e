"""What the hidden tests of 02_backward ask of `backward_torch.py`. Untrusted side: runs beside the learner's module."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import kit_stack  # these two before any learner code: see there
import kit_torch

# isort: split
import backward_torch
import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.graph import Node

from grader.jail.torch_guard import engine_grad

# Functions written in Python, as step 01 has them, each with one convention more.


class Blend(Function):
    """A number among the operands, an operand without gradient, and two outputs."""

    @staticmethod
    def forward(ctx: Any, a: Tensor, factor: float, weights: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
        ctx.save_for_backward(a, weights, b)
        ctx.factor = factor
        return a * b * factor, a * weights

    @staticmethod
    def backward(ctx: Any, left: Tensor, right: Tensor) -> tuple:
        a, weights, b = ctx.saved_tensors
        return left * b * ctx.factor + right * weights, None, None, left * a * ctx.factor


class Mute(Function):
    """a + 2b, through which no gradient reaches b."""

    @staticmethod
    def forward(ctx: Any, a: Tensor, b: Tensor) -> Tensor:
        return a + 2 * b

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple:
        return 3 * grad, None


class Linear(Function):
    """The sum of a * b, whose backward returns the very tensors that it saved."""

    @staticmethod
    def forward(ctx: Any, a: Tensor, b: Tensor) -> Tensor:
        ctx.save_for_backward(a, b)
        return (a * b).sum()

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple:
        a, b = ctx.saved_tensors
        return b, a


class Largest(Function):
    """The largest element and where it stands, which has no gradient."""

    @staticmethod
    def forward(ctx: Any, a: Tensor) -> tuple[Tensor, Tensor]:
        place = a.argmax()
        ctx.mark_non_differentiable(place)
        ctx.save_for_backward(a, place)
        return a.reshape(-1)[place].clone(), place

    @staticmethod
    def backward(ctx: Any, grad: Tensor, _: Any) -> Tensor:
        a, place = ctx.saved_tensors
        return (torch.arange(a.numel()).reshape(a.shape) == place) * grad


def _in_place(a: Tensor, v: Tensor) -> Tensor:
    y = a * 2
    y[0] += v
    y.mul_(3)
    y[1] = a[2] * v
    row = y.view(-1)[:4]
    row.mul_(a[1])
    row.exp_()
    return y


def _shared(first: Tensor, second: Tensor, third: Tensor, v: Tensor) -> Tensor:
    """Two outputs of one node, each of which is used twice."""
    return (first * second).sum() + (second * v).sum() + (third * third.exp()).sum()


def _gpt(wte: Tensor, wpe: Tensor, wq: Tensor, wk: Tensor, fc: Tensor) -> Tensor:
    """The loss of a small transformer: every kind of operation that the later steps use."""
    tokens = torch.tensor([[4, 0, 2, 1], [4, 3, 3, 0]])
    targets = torch.tensor([0, 2, 1, 4, 3, 3, 0, 4])
    x = wte[tokens] + wpe[:4]  # (2, 4, C)
    x = x / (x.pow(2).mean(-1, keepdim=True) + 1e-5).sqrt()
    q, k = (x @ w.T for w in (wq, wk))  # (2, 4, C)
    q, k, v = (y.view(2, 4, 2, -1).transpose(1, 2) for y in (q, k, x))  # (2, heads, 4, C/heads)
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    scores = scores.masked_fill(torch.ones(4, 4).triu(1).bool(), -math.inf)
    x = x + (scores.softmax(-1) @ v).transpose(1, 2).reshape(x.shape)
    logits = torch.relu(x @ fc) @ wte.T  # (2, 4, V)
    logits = logits.view(8, -1)
    return (logits.logsumexp(-1) - logits[torch.arange(8), targets]).mean()


# Roots of one element. a and b are (3, 4), v is (4,), s is (). Not every case uses all of them.
CASES: dict[str, Callable[..., Tensor]] = {
    # one path to each leaf
    "scalar": lambda a, b, v, s: (s * 1.7).exp().log1p(),
    "row": lambda a, b, v, s: (v.sin() * 2.5).sum(),
    "mean": lambda a, b, v, s: (a * b.exp()).mean(),
    "one_element": lambda a, b, v, s: (s.cos() * 3).reshape(1),
    "rows_by_rows": lambda a, b, v, s: (a[:1] @ b[1:2].T).tanh(),
    # several paths
    "square": lambda a, b, v, s: (a * a + a).sum(),
    "diamond": lambda a, b, v, s: ((a * b + a) * (a * b - b)).sum(),
    "sum_first": lambda a, b, v, s: (a + b).sum() + (a * a).sum() * 3 + (b * v).sum(),
    "sum_last": lambda a, b, v, s: (b * v).sum() + (a * a).sum() * 3 + (a + b).sum(),
    "sum_of_two": lambda a, b, v, s: ((a + b) * v * s).sum(),
    # broadcasting
    "row_to_rows": lambda a, b, v, s: (a * v + s).sin().sum(),
    "column": lambda a, b, v, s: (a[:, :1] * b + v[None]).pow(2).mean(),
    "expanded": lambda a, b, v, s: (v.expand(5, 4) * b[0]).sum() + s.expand(2, 1, 3).sum(),
    "outer": lambda a, b, v, s: (a[:, None] * b[None]).cos().sum() * s,
    "dtypes": lambda a, b, v, s: (a.float() * v.float() + b).sum().double() + (s.float() * a).sum(),
    # nodes of several outputs
    "unbind": lambda a, b, v, s: sum((row * v).prod() for row in a.unbind(0)[1:]),
    "unbind_root": lambda a, b, v, s: (v * 2.5).unbind(0)[2],
    "split": lambda a, b, v, s: (torch.split(a * v, [1, 3], 1)[1] ** 2).sum(),
    "max": lambda a, b, v, s: (a * b).max(0).values.sum() * a.max(),
    "topk": lambda a, b, v, s: (a * 3).topk(2, dim=1).values.prod(),
    "unbind_shared": lambda a, b, v, s: _shared(*a.unbind(0), v),
    "norm_root": lambda a, b, v, s: torch.std_mean(a * v)[1],
    "norms": lambda a, b, v, s: torch.std_mean(a * v)[0] * torch.var_mean(b, 0)[0].sum(),
    # views and pieces
    "slices": lambda a, b, v, s: (a[1:, ::2] * b[:2, 1::2]).sum() + a[2, 3] * s,
    "indices": lambda a, b, v, s: a[torch.tensor([0, 0, 2]), torch.tensor([1, 1, 3])].prod() + b[b > 0].sum(),
    "cat": lambda a, b, v, s: (torch.cat([a, b * v, a], 0) ** 3).sum(),
    "stack": lambda a, b, v, s: torch.stack([a * v, b], 1).transpose(0, 1).reshape(6, 4).std(),
    "where": lambda a, b, v, s: torch.where(b > 0, a * v, s).sum(),
    "in_place": lambda a, b, v, s: (_in_place(a, v) * b).sum(),
    # Functions written in Python
    "blend": lambda a, b, v, s: sum(Blend.apply(a, 1.3, v.detach(), b)).sum(),
    "blend_left": lambda a, b, v, s: (Blend.apply(a, 1.3, v.detach(), b)[0] * v).sum(),
    "blend_right": lambda a, b, v, s: (Blend.apply(a * v, 0.7, v.detach(), b.detach())[1] * b).sum(),
    "blend_of_blend": lambda a, b, v, s: Blend.apply(Blend.apply(a, 2.0, v.detach(), b)[1], 0.4, s.detach(), a)[
        0
    ].sum(),
    "mute_a_leaf": lambda a, b, v, s: Mute.apply(a * v, b).sum(),
    "mute": lambda a, b, v, s: Mute.apply(a * v, b * 2).sum() + b.mean(),
    "linear": lambda a, b, v, s: Linear.apply(a, b),
    "largest": lambda a, b, v, s: Largest.apply(a * b)[0] * s,
    # inputs without gradient
    "detached": lambda a, b, v, s: (a.detach() * b + v.detach()).sum() * s,
    "constants": lambda a, b, v, s: (a * torch.arange(4.0, dtype=torch.float64) + torch.ones(3, 1)).mean() + 7,
    # all at once: here the leaves are the matrices of a model
    "gpt": _gpt,
}


def _leaves(given: list[dict]) -> list[Tensor]:
    return [kit_torch.build(one, one.get("needs", True)) for one in given]


def _grads(leaves: list[Tensor]) -> list[Any]:
    """`.grad` of every leaf, None where there is none."""
    for leaf in leaves:
        if leaf.grad is not None and kit_torch.tensor(leaf.grad, "leaf.grad").requires_grad:
            raise kit_torch.WrongAnswer(
                "a leaf.grad requires grad itself: it is a number here, not a part of the graph"
            )
    return [None if leaf.grad is None else kit_torch.plain(leaf.grad, "leaf.grad") for leaf in leaves]


def _recipe(steps: list[list], leaves: list[Tensor]) -> Tensor:
    """A random graph: each step adds or multiplies two earlier tensors, or takes the sine of one."""
    found = list(leaves)
    for operation, i, j in steps:
        x, y = found[i], found[j]
        found.append({"+": lambda x, y: x + y, "*": lambda x, y: x * y, "sin": lambda x, _: x.sin()}[operation](x, y))
    return found[-1].sum()


def gradients(case: str, given: list[dict], calls: int) -> list[Any]:
    """Every leaf's gradient after `calls` calls of backward on one root."""
    leaves = _leaves(given)
    root = CASES[case](*leaves)
    for _ in range(calls):
        backward_torch.backward(root)
    return _grads(leaves)


def engine_gradients(case: str, given: list[dict]) -> list[Any]:
    """The same by torch's own engine; asked of the reference only."""
    leaves = _leaves(given)
    asked = [leaf for leaf in leaves if leaf.requires_grad]
    found = iter(engine_grad(CASES[case](*leaves), asked))
    grads = [next(found) if leaf.requires_grad else None for leaf in leaves]
    return [None if grad is None else kit_torch.plain(grad, "a gradient") for grad in grads]


def recipe_gradients(steps: list[list], given: list[dict]) -> list[Any]:
    """Every leaf's gradient in a random graph."""
    leaves = _leaves(given)
    backward_torch.backward(_recipe(steps, leaves))
    return _grads(leaves)


def two_roots(first: str, second: str, given: list[dict], before: list[dict]) -> list[Any]:
    """Every leaf's gradient when some is there at the start, and two roots come one after the other."""
    leaves = _leaves(given)
    for leaf, grad in zip(leaves, before, strict=True):
        leaf.grad = kit_torch.build(grad)
    for case in (first, second):
        backward_torch.backward(CASES[case](*leaves))
    return _grads(leaves)


def operands_after(case: str, given: list[dict], calls: int) -> list[Any]:
    """The leaves themselves after `calls` calls of backward."""
    leaves = _leaves(given)
    root = CASES[case](*leaves)
    for _ in range(calls):
        backward_torch.backward(root)
    return [kit_torch.plain(leaf, "a leaf") for leaf in leaves]


def independent(case: str, given: list[dict]) -> list[list[Any]]:
    """All gradients, and then once more after each of them in turn was overwritten with 0."""
    leaves = _leaves(given)
    backward_torch.backward(CASES[case](*leaves))
    seen = [_grads(leaves)]
    for leaf in leaves:
        if leaf.grad is not None:
            kept = leaf.grad.clone()
            leaf.grad.zero_()
            seen.append(_grads(leaves))
            leaf.grad.copy_(kept)
    return seen


def order(case: str, given: list[dict]) -> dict[str, Any]:
    """The order of the nodes: each one's name, the place where it stands first, and the places of its children."""
    root = CASES[case](*_leaves(given))
    nodes = backward_torch.topological_order(root)
    if type(nodes) is not list:
        raise kit_torch.WrongAnswer(f"topological_order() returned {kit_torch.kind(nodes)}; it must return a list")
    for i, node in enumerate(nodes):
        if not isinstance(node, Node):
            what = f"topological_order()[{i}] is {kit_torch.kind(node)}"
            raise kit_torch.WrongAnswer(f"{what}; a node, such as root.grad_fn, belongs there")
    place: dict[int, int] = {}
    first = [place.setdefault(id(node), i) for i, node in enumerate(nodes)]
    children = [[place.get(id(child), -1) for child, _ in node.next_functions if child is not None] for node in nodes]
    names = [node.name() for node in nodes]
    return {"first": first, "children": children, "names": names, "root": place.get(id(root.grad_fn), -1)}


def order_of_a_leaf(given: dict, grad: bool) -> list[str]:
    """The order when there is no graph."""
    nodes = backward_torch.topological_order(kit_torch.build(given, grad))
    if type(nodes) is not list:
        raise kit_torch.WrongAnswer(f"topological_order() returned {kit_torch.kind(nodes)}; it must return a list")
    return [kit_torch.kind(node) for node in nodes]


def chain(given: dict, length: int, factor: float) -> dict[str, Any]:
    """The gradient at the end of a long chain, and how many nodes its order has."""
    x = kit_torch.build(given, True)
    y = x
    for _ in range(length):
        y = y * factor
    root = y.sum()
    with kit_stack.shallow_stack():
        backward_torch.backward(root)
    return {"grads": _grads([x]), "settings": kit_torch.changed()}


def order_of_a_chain(given: dict, length: int) -> int:
    """How many nodes the order of a long chain has."""
    y = kit_torch.build(given, True)
    for _ in range(length):
        y = y + 1
    with kit_stack.shallow_stack():
        return len(backward_torch.topological_order(y))


def doublings(given: dict, count: int) -> list[Any]:
    """The gradient of x + x, added to itself, and so on: 2 to the power `count` paths, `count` nodes."""
    x = kit_torch.build(given, True)
    y = x
    for _ in range(count):
        y = y + y
    backward_torch.backward(y)
    return _grads([x])


def settings_after(case: str, given: list[dict]) -> list[str]:
    """The settings that are not as they were, after everything was called."""
    root = CASES[case](*_leaves(given))
    backward_torch.topological_order(root)
    backward_torch.backward(root)
    return kit_torch.changed()
