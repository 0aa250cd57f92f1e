"""Tests of 02_backward, pure track: run them with `pytest exercises/02_backward/test_backward.py`.

First the order, then gradients: along one path, then with shared Values, then on a second call, then in large graphs.
"""

import math
import sys

import expect
import pytest


@pytest.fixture
def shallow_stack(monkeypatch):
    """Python's usual limit of 1,000 open calls, which cannot be raised for the length of one test."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(1_000)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "setrecursionlimit", lambda _: None)
        yield
    sys.setrecursionlimit(limit)


def places(order, count, what):
    """The place of every Value in an order that must hold `count` different ones."""
    expect.values(order, count, what)
    found = {id(node): place for place, node in enumerate(order)}
    assert len(found) == count, f"{what} holds a Value more than once"
    return found


def gradients(*nodes):
    """What the Values hold."""
    return [node.grad for node in nodes]


def test_order_of_a_value_without_children(backward, value):
    """A Value without children is the whole of its order."""
    a, b = value.Value(2.0), value.Value(2.0)
    place = places(backward.topological_order(a), 1, "topological_order(a)")
    assert id(a) in place, "topological_order(a) holds another Value than a"
    assert id(b) not in place, "topological_order(a) holds another Value than a"


def test_order_holds_every_value_once(backward, value):
    """With c = a * b, the order of d = c * c + a holds a, b, c, c * c and d, each of them once."""
    a, b = value.Value(3.0), value.Value(3.0)  # equal numbers, yet two Values
    c = a * b
    square = c * c
    d = square + a
    unused = d * b  # made from d, so d does not depend on it
    place = places(backward.topological_order(d), 5, "topological_order(d)")
    for name, node in (("a", a), ("b", b), ("a * b", c), ("c * c", square), ("d itself", d)):
        assert id(node) in place, f"topological_order(d) misses {name}"
    assert id(unused) not in place, "topological_order(d) holds a Value that d does not depend on"


def test_children_come_before_parents(backward, value):
    """Everything a Value was made from comes before it, and the root is last."""
    a, b = value.Value(3.0), value.Value(-2.0)
    c = a * b
    d = c + a
    for what, root in (("d * c", d * c), ("c * d", c * d)):  # c is one step from the root, and also two
        place = places(backward.topological_order(root), 5, f"topological_order({what})")
        order = [place.get(id(node), -1) for node in (a, c, d, root)]
        assert -1 not in order, f"topological_order({what}) misses a Value"
        assert order == sorted(order), f"in topological_order({what}) a Value comes before one of its children"
        assert place.get(id(b), 5) < place[id(c)], f"in topological_order({what}) b must come before a * b"
        assert order[-1] == 4, f"the last of topological_order({what}) must be the root"


def test_a_value_without_children_has_gradient_1(backward, value):
    """d(a)/d(a) is 1."""
    a = value.Value(2.5)
    backward.backward(a)
    slips = [(0.0, "no gradient is there to begin with: what is d(root)/d(root)?")]
    expect.close(a.grad, 1.0, "a.grad after backward(a)", slips=slips)


def test_the_chain_rule_along_one_path(backward, value):
    """Where every Value is used once, a gradient is the product of the slopes on its path."""
    a, b, c = value.Value(0.5), value.Value(-2.0), value.Value(3.0)
    root = ((a * b).exp() + c) ** 2
    backward.backward(root)
    outer, inner = 2 * (math.exp(-1) + 3), math.exp(-1)
    want = [outer * inner * -2, outer * inner * 0.5, outer]
    slips = [
        ([0.0, 0.0, 0.0], "nothing reaches the leaves: does the walk begin at the root, and is d(root)/d(root) set?"),
        ([-2.0, 0.5, 1.0], "these are the local derivatives alone: what arrived at the parent belongs to the product"),
    ]
    expect.close(gradients(a, b, c), want, "the gradients of a, b, c in ((a * b).exp() + c) ** 2", slips=slips)


def test_a_value_used_twice_adds_up(backward, value):
    """Both uses of a Value count: a * a has gradient 2a, a + a has gradient 2."""
    a = value.Value(-3.0)
    backward.backward(a * a)
    slips = [(-3.0, "only one of the two uses counts: did you use = where += belongs?")]
    expect.close(a.grad, -6.0, "a.grad after backward(a * a)", slips=slips)
    b = value.Value(-3.0)
    backward.backward(b + b)
    expect.close(b.grad, 2.0, "b.grad after backward(b + b)")


@pytest.mark.parametrize("near_first", [True, False], ids=["c * d", "d * c"])
def test_a_shared_value_waits_for_all_its_parents(backward, value, near_first):
    """With c = a * b and d = c + a, c gets its share from d before a and b get theirs from c."""
    a, b = value.Value(3.0), value.Value(-2.0)
    c = a * b
    d = c + a
    backward.backward(c * d if near_first else d * c)
    expect.close(d.grad, -6.0, "d.grad, which is c,")
    expect.close(c.grad, -9.0, "c.grad, which is d from the product and c by way of d,")
    expect.close(gradients(a, b), [12.0, -27.0], "the gradients of a and b")


def test_the_root_gets_1_and_interior_values_are_reset(backward, value):
    """What the root and the Values between it and the leaves held before does not count."""
    a, b = value.Value(3.0), value.Value(-2.0)
    c = a * b
    root = c**2
    c.grad, root.grad = 50.0, 70.0
    assert backward.backward(root) is None, "backward() fills in gradients and returns nothing"
    expect.close(root.grad, 1.0, "root.grad, which is set and not added to,")
    slips = [(50.0 - 12.0, "the 50 is still in it: an interior Value starts each call at 0")]
    expect.close(c.grad, -12.0, "the gradient of an interior Value that held 50 before", slips=slips)
    expect.close(gradients(a, b), [24.0, -36.0], "the gradients of a and b")


def test_a_second_call_adds_the_same_again(backward, value):
    """Leaves accumulate: a leaf keeps what it held, and every call adds its gradient once more."""
    a, b = value.Value(3.0), value.Value(-2.0)
    c = a * b
    root = c * c
    a.grad = 5.0
    backward.backward(root)
    slips = [([24.0, -36.0], "what a leaf held before is gone: only zero_grad, in step 09, may clear it")]
    what = "the gradients of a, which held 5 before, and of b after one call"
    expect.close(gradients(a, b), [29.0, -36.0], what, slips=slips)
    backward.backward(root)
    expect.close(gradients(a, b), [53.0, -72.0], "the gradients of a, which held 5 before, and of b after two calls")


def test_a_second_root_adds_its_own_gradient(backward, value):
    """Two roots that share Values each give the leaves what they give alone."""
    a, b = value.Value(3.0), value.Value(-2.0)
    c = a * b
    first, second = c * c, c + a
    backward.backward(first)
    backward.backward(second)
    expect.close(gradients(a, b), [24.0 - 1.0, -36.0 + 3.0], "the gradients of a and b from both roots")
    expect.close(first.grad, 1.0, "the gradient of the first root, which the second does not depend on,")


def test_shared_values_are_visited_once(backward, value):
    """Forty doublings have 2**40 paths; walking each path would take days."""
    a = value.Value(1.5)
    root = a
    for _ in range(40):
        root = root + root
    places(backward.topological_order(root), 41, "topological_order of 40 doublings")
    backward.backward(root)
    expect.close(a.grad, 2.0**40, "a.grad after 40 doublings")


@pytest.mark.usefixtures("shallow_stack")
def test_a_chain_of_100000(backward, value):
    """A chain far deeper than Python's stack works: no recursion."""
    x, w = value.Value(0.5), value.Value(0.25)
    root = x
    for _ in range(100_000):
        root = root + w
    order = backward.topological_order(root)
    assert len(order) == 100_002, f"the order of the chain has {len(order)} entries; 100002 belong there"
    backward.backward(root)
    expect.close(gradients(x, w), [1.0, 100_000.0], "the gradients of x and w in x + w + w + ...")
