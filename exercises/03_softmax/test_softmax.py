"""Tests of 03_softmax, pure track: run them with `pytest exercises/03_softmax/test_softmax.py`.

First numbers, then numbers that overflow, then gradients (they need 02_backward), then the size of the graph.
"""

import math

import expect
import pytest

AT_1E4 = 1e-10  # a logit near 1e4 is itself rounded to 2e-12


@pytest.fixture
def leaves(value):
    """A list of Values from plain numbers."""
    return lambda *numbers: [value.Value(number) for number in numbers]


def gradients(nodes):
    """What the Values hold."""
    return [node.grad for node in nodes]


def graph_size(*roots):
    """Nodes and edges together of everything the roots depend on."""
    nodes, seen = list(roots), {id(root) for root in roots}
    for node in nodes:  # grows while it is walked
        for child in node._children:
            if id(child) not in seen:
                seen.add(id(child))
                nodes.append(child)
    return len(nodes) + sum(len(node._children) for node in nodes)


# Probabilities


def test_two_logits(softmax, leaves):
    """With logits 0 and ln 3 the second is three times as probable as the first."""
    p = expect.values(softmax.softmax(leaves(0.0, math.log(3))), 2, "softmax([0, ln 3])")
    slips = [([0.5, 1.5], "the exponentials are divided by the number of logits: divide by their sum")]
    expect.close(p, [0.25, 0.75], "softmax([0, ln 3])", slips=slips)


def test_probabilities(softmax, leaves):
    """softmax gives e^(x_i) divided by the sum of all e^(x_j)."""
    p = expect.values(softmax.softmax(leaves(1.0, -0.5, 2.0)), 3, "softmax([1, -0.5, 2])")
    exps = [math.exp(1), math.exp(-0.5), math.exp(2)]
    slips = [
        (
            [x / 2.5 for x in (1.0, -0.5, 2.0)],
            "these are the shares of the logits themselves: where is the exponential?",
        ),
        ([e / 3 for e in exps], "the exponentials are divided by the number of logits: divide by their sum"),
    ]
    expect.close(p, [e / sum(exps) for e in exps], "softmax([1, -0.5, 2])", slips=slips)
    assert all(x > 0 for x in p), "every probability is positive"
    expect.close(sum(p), 1.0, "the sum of softmax([1, -0.5, 2])")


def test_a_single_logit(softmax, leaves):
    """The only choice has probability 1."""
    p = expect.values(softmax.softmax(logits=leaves(-2.5)), 1, "softmax([-2.5])")
    expect.close(p, [1.0], "softmax([-2.5])")


def test_a_shift_changes_nothing(softmax, leaves):
    """One number added to all logits leaves the probabilities as they are."""
    p = expect.values(softmax.softmax(leaves(1.0, -0.5, 2.0)), 3, "softmax([1, -0.5, 2])")
    shifted = expect.values(softmax.softmax(leaves(101.0, 99.5, 102.0)), 3, "softmax([101, 99.5, 102])")
    expect.close(shifted, p, "softmax of the same logits, each 100 more")


def test_large_logits(softmax, leaves):
    """Logits of +-10,000 do not overflow."""
    what = "softmax([-10000, 10000, 9999])"
    with expect.slip(
        OverflowError, "which number, taken from all logits before taking exponentials, makes none of them large?"
    ):
        p = expect.values(softmax.softmax(leaves(-1e4, 1e4, 9999.0)), 3, what)
    expect.close(p, [0.0, math.e / (1 + math.e), 1 / (1 + math.e)], what, abs=AT_1E4)
    what = "softmax([-10000, -9998])"
    p = expect.values(softmax.softmax(leaves(-1e4, -9998.0)), 2, what)
    expect.close(p, [1 / (1 + math.e**2), math.e**2 / (1 + math.e**2)], what, abs=AT_1E4)


def test_no_logits(softmax):
    """There are no probabilities of nothing: ValueError."""
    expect.error(ValueError, "softmax([])", softmax.softmax, [])


# The loss


def test_loss(softmax, leaves):
    """cross_entropy is -ln of the probability of the target."""
    for target, p in ((0, 0.25), (1, 0.75)):
        what = f"cross_entropy([0, ln 3], {target})"
        loss = softmax.cross_entropy(logits=leaves(0.0, math.log(3)), target=target)
        slips = [(-math.log(p) / 2, "it is divided by the number of logits: the loss of one prediction is no mean")]
        expect.close(expect.value(loss, what), -math.log(p), what, slips=slips)


def test_loss_where_the_probability_underflows(softmax, leaves):
    """Where the target's probability is too small for a float, the loss is still the gap between the logits."""
    for logits, target, gap in (((0.5, -4000.0), 1, 4000.5), ((-1e4, 3.0, 1e4), 0, 2e4)):
        what = f"cross_entropy({list(logits)}, {target})"
        with expect.slip(
            ValueError, "the probability itself is 0 as a float: the logarithm of a quotient is a difference"
        ):
            loss = expect.value(softmax.cross_entropy(leaves(*logits), target), what)
        small = (
            "a small number inside the logarithm hides how bad the guess is: can it be written without the quotient?"
        )
        expect.close(loss, gap, what, abs=AT_1E4, slips=[(-math.log(x), small) for x in (1e-8, 1e-10, 1e-12)])


def test_target_outside_the_logits(softmax, leaves):
    """A target below 0 or at the number of logits raises IndexError."""
    for target in (3, -1):
        what = f"cross_entropy([1, -0.5, 2], {target})"
        expect.error(IndexError, what, softmax.cross_entropy, leaves(1.0, -0.5, 2.0), target)


# Gradients, by way of your backward


def test_gradients_of_a_probability(softmax, backward, leaves):
    """d p_i / d x_j is p_i * (1 - p_i) where i is j, and -p_i * p_j elsewhere."""
    rows = []
    for i in range(2):
        logits = leaves(0.0, math.log(3))
        backward.backward(softmax.softmax(logits)[i])
        rows.append(gradients(logits))
    want = [[0.1875, -0.1875], [-0.1875, 0.1875]]
    slips = [([[0.25, 0.0], [0.0, 0.75]], "no gradient comes through the sum below the line: is it a plain number?")]
    expect.close(rows, want, "the gradients (row: probability, column: logit) of softmax([0, ln 3])", slips=slips)


def test_gradients_where_two_logits_are_highest(softmax, backward, leaves):
    """Which of two equal logits counts as the maximum makes no difference."""
    logits = leaves(math.log(2), 0.0, math.log(2))  # probabilities 0.4, 0.2, 0.4
    backward.backward(softmax.softmax(logits)[0])
    expect.close(gradients(logits), [0.24, -0.08, -0.16], "the gradients of softmax([ln 2, 0, ln 2])[0]")


def test_gradient_of_the_loss(softmax, backward, leaves):
    """The gradient of cross_entropy is softmax(x) - onehot(target)."""
    logits = leaves(math.log(2), 0.0, math.log(5))  # probabilities 0.25, 0.125, 0.625
    backward.backward(softmax.cross_entropy(logits, 1))
    slips = [([0.25, 0.125, 0.625], "-1 is missing at the target: must the target's own logit not stay a Value?")]
    want = [0.25, -0.875, 0.625]
    expect.close(gradients(logits), want, "the gradients of cross_entropy([ln 2, 0, ln 5], 1)", slips=slips)


def test_gradient_of_the_loss_where_the_probability_underflows(softmax, backward, leaves):
    """A target of probability 0 (as a float) is still pushed up, by 1."""
    logits = leaves(0.5, -4000.0)
    backward.backward(softmax.cross_entropy(logits, 1))
    expect.close(gradients(logits), [1.0, -1.0], "the gradients of cross_entropy([0.5, -4000], 1)")


# The graph


def test_graphs_grow_linearly(softmax, leaves):
    """Twice the logits make twice the graph: the sum of the exponentials is computed once."""
    numbers = [((7 * i) % 5) / 4 for i in range(80)]
    for what, roots in (
        ("softmax", lambda logits: softmax.softmax(logits)),
        ("cross_entropy", lambda logits: [softmax.cross_entropy(logits, 3)]),
    ):
        small, medium, large = (graph_size(*roots(leaves(*numbers[:count]))) for count in (20, 40, 80))
        sizes = f"{small}, {medium}, {large} nodes and edges for 20, 40, 80 logits"
        # from 40 to 80 logits a linear graph grows twice as much as from 20 to 40, a quadratic one four times
        assert large - medium <= 2.2 * (medium - small), f"the graph of {what} grows faster than its logits: {sizes}"


def test_only_operations_of_step_01(softmax, leaves):
    """Every Value is the result of one operation of step 01, which has one or two operands."""
    roots = [*softmax.softmax(leaves(1.0, -0.5, 2.0, 0.3)), softmax.cross_entropy(leaves(1.0, -0.5, 2.0, 0.3), 2)]
    for node in roots:  # grows while it is walked
        count = len(node._children)
        assert count <= 2, f"a Value has {count} children: no operation of step 01 makes it"
        roots.extend(node._children)
