"""Tests of 07_attention, pure track: run them with `pytest exercises/07_attention/test_attention.py`.

A ladder: each of the first tests switches off everything but one part of attention. Then the caches, then gradients
(they need 02_backward). The first that fails is the one to look at first.
"""

import math

import expect
import pytest

LN3, LN4, ROOT2 = math.log(3), math.log(4), math.sqrt(2)
ZERO = [[0.0, 0.0], [0.0, 0.0]]

# One position of width 2: x = [1, -2] has query [-1, 2], key [1, -1] and value [1, -5]
TWO = {
    "x": [1.0, -2.0],
    "wq": [[1.0, 1.0], [0.0, -1.0]],
    "wk": [[1.0, 0.0], [1.0, 1.0]],
    "wv": [[2.0, 0.5], [1.0, 3.0]],
    "wo": [[1.0, 2.0], [-1.0, 0.5]],
}
# One position of width 4: its query is [1, 2, 2, 4], its key [1, 1, 1, -1], its value [0, 4, -5, 6]
FOUR = {
    "x": [1.0, -2.0, 3.0, 0.5],
    "wq": [[3.0, 1.0, 0.0, 0.0], [0.0, -1.0, 0.0, 0.0], [0.0, 1.0, 1.0, 2.0], [1.0, 0.0, 1.0, 0.0]],
    "wk": [[0.0, 0.0, 0.0, 2.0], [1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 1.0, 0.0], [0.0, 0.0, 0.0, -2.0]],
    "wv": [[2.0, 1.0, 0.0, 0.0], [1.0, 0.0, 1.0, 0.0], [0.0, 1.0, -1.0, 0.0], [0.0, 0.0, 2.0, 0.0]],
    "wo": [[1.0, 0.0, 0.0, 0.0], [1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 2.0, 0.5], [0.0, 1.0, 0.0, -1.0]],
}
# For gradients: width 4, two earlier positions, weights neither even nor all on one position
SOFT = {
    "x": [0.5, -1.0, 0.75, 0.25],
    "keys": [[0.25, -0.5, 1.0, 0.75], [-1.0, 0.5, 0.25, -0.75]],
    "values": [[1.0, -0.25, 0.5, 2.0], [-0.5, 1.5, -1.0, 0.25]],
    "wq": [[0.5, -0.25, 1.0, 0.75], [-0.5, 0.25, 0.5, 1.0], [1.0, 0.75, -0.25, 0.5], [0.25, -1.0, 0.5, -0.75]],
    "wk": [[-0.75, 0.5, 0.25, 1.0], [0.5, 1.0, -0.5, 0.25], [0.75, -0.25, 0.5, -1.0], [1.0, 0.5, 0.75, 0.25]],
    "wv": [[1.0, 0.25, -0.5, 0.75], [-0.25, 0.5, 1.0, 0.5], [0.5, -1.0, 0.25, 0.75], [0.75, 0.5, -0.75, 1.0]],
    "wo": [[0.25, 1.0, 0.5, -0.5], [0.75, -0.5, 0.25, 1.0], [-1.0, 0.5, 0.75, 0.25], [0.5, 0.25, -0.75, 1.0]],
}
LOSS = [0.5, -1.0, 2.0, 0.75]  # gradients are those of the sum of LOSS[i] * output[i]
WEIGHTS = ("wq", "wk", "wv", "wo")


@pytest.fixture
def made(value):
    """Values from numbers, rows of Values from rows of numbers."""

    def make(numbers):
        return [make(number) if type(number) is list else value.Value(number) for number in numbers]

    return make


@pytest.fixture
def attend(attention, made):
    """The numbers that attention() gives for one position."""

    def run(given, n_head, keys=(), values=()):
        heads = [] if n_head is None else [n_head]
        matrices = [made(given[name]) for name in WEIGHTS]
        empty = "softmax of no scores: is this position's key appended before anything is looked at?"
        with expect.slip(ValueError, "" if keys else empty), expect.slip(OverflowError, "use your softmax of step 03"):
            got = attention.attention(made(given["x"]), made(list(keys)), made(list(values)), *matrices, *heads)
        return expect.values(got, len(given["x"]), "attention()")

    return run


# The ladder


def test_one_position_alone(attend):
    """The first position can look at itself only, with weight 1: the output is wo (wv x)."""
    slips = [([1.0, -5.0], "that is the value: wo is missing, which mixes what the heads have found")]
    what = "the output of a position alone, wo [1, -5]: is the path of the value right?"
    expect.close(attend(TWO, 1), [-9.0, -3.5], what, slips=slips)


def test_one_key_and_one_value_are_appended(attention, made):
    """A call appends wk x to `keys` and wv x to `values`, and leaves what they hold as it is."""
    keys, values = made([[0.5, 1.0, 2.0, -1.0]]), made([[4.0, 8.0, 5.0, 1.0]])
    key, own = keys[0], values[0]
    attention.attention(made(FOUR["x"]), keys, values, *(made(FOUR[name]) for name in WEIGHTS), n_head=2)
    for name, entries, old, new in (
        ("keys", keys, key, [1.0, 1.0, 1.0, -1.0]),
        ("values", values, own, [0.0, 4.0, -5.0, 6.0]),
    ):
        assert len(entries) == 2, f"after the call, {name} (1 entry before) holds {len(entries)}; 2 belong there"
        assert entries[0] is old, f"{name}[0], from before the call, was replaced"
        slips = [(FOUR["x"], "that is x itself"), ([1.0, 2.0, 2.0, 4.0], "that is wq x: keys are made with wk")]
        expect.close(expect.values(entries[1], 4, f"{name}[1]"), new, f"the new entry of {name}", slips=slips)


def test_even_weights(attend):
    """Where the query is 0 all positions count alike, the new one too: the output is wo times the mean value."""
    got = attend(TWO | {"wq": ZERO}, 1, keys=[[3.0, 1.0], [-2.0, 5.0]], values=[[4.0, 1.0], [1.0, -2.0]])
    slips = [
        (
            [4.0, 1.0 / 6],
            "that is wo times the average of the keys: the values are what is handed over",
        ),
        ([6.0, -3.5], "that is wo times the first value: it looks at one position only, where weights share out"),
    ]
    what = "the output for even weights, wo [2, -2]: do all three values count, one third each?"
    expect.close(got, [-2.0, -3.0], what, slips=slips)


def test_one_head(attend):
    """A position's weight grows as e^(q . k / sqrt(2)): here the earlier one has 3/4 and the new one 1/4."""
    got = attend(TWO, 1, keys=[[4.0 - ROOT2 * LN3, 0.5]], values=[[4.0, 1.0]])
    slips = []
    for power, said in (
        (ROOT2, "scores are not scaled"),
        (ROOT2 / 2, "the scale is the root of the width, not the width"),
    ):
        a = 3**power / (3**power + 1)
        mixed = [4 * a + (1 - a), a - 5 * (1 - a)]
        slips.append(([mixed[0] + 2 * mixed[1], mixed[1] / 2 - mixed[0]], said))
    what = "the output for weights 3/4 and 1/4, wo [3.25, -0.5]: are q, k and the scale right?"
    expect.close(got, [2.25, -3.5], what, slips=slips)


def test_heads_are_slices_joined_in_order(attend):
    """Of two heads, the first works on numbers 0 and 1 of query, key and value, the second on numbers 2 and 3."""
    keys = [[200.0, 100.0, -200.0, -100.0], [-100.0, -200.0, 100.0, 200.0]]
    got = attend(FOUR, 2, keys=keys, values=[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]])
    what = "the output where head 0 looks at position 0 and head 1 at position 1, wo [1, 2, 7, 8]"
    slips = [
        ([5.0, 12.0, 16.0, -1.0], "numbers 0 and 2 went to head 0, 1 and 3 to head 1: a head's numbers are neighbours"),
        ([5.0, 11.0, 18.0, -2.0], "both heads look at position 1: each has weights of its own, from its own slices"),
    ]
    expect.close(got, [1.0, 3.0, 18.0, -6.0], what, slips=slips)


def test_the_scale_is_that_of_a_head(attend):
    """Scores are divided by the root of a head's width (2), not of x's (4), and each head has a softmax of its own."""
    keys = [[1.0 + ROOT2 * LN3, 1.0, 1.0 - ROOT2 * LN4 / 2, -1.0]]
    got = attend(FOUR, 2, keys=keys, values=[[4.0, 8.0, 5.0, 1.0]])
    what = "the output for weights 3/4 and 1/4 in head 0, 1/5 and 4/5 in head 1, wo [3, 7, -3, 5]"
    a, b = 3 ** (1 / ROOT2), 4 ** (1 / ROOT2)  # divided by 2 in place of the root of 2
    a, b = a / (a + 1), 1 / (b + 1)
    mixed = [4 * a, 8 * a + 4 * (1 - a), 5 * b - 5 * (1 - b), b + 6 * (1 - b)]
    wrong = [mixed[0], mixed[0] + mixed[1], 2 * mixed[2] + mixed[3] / 2, mixed[1] - mixed[3]]
    slips = [(wrong, "the scale is the root of 4: that of a head's width, 2, not of x's")]
    expect.close(got, [3.0, 10.0, -3.5, 2.0], what, slips=slips)


def test_four_heads_unless_told(attend):
    """Without n_head there are four heads, here of one number each."""
    k, v = [0.5, 1.25, 0.75, -1.5], [4.0, 8.0, 5.0, 1.0]
    query, key, own = [1.0, 2.0, 2.0, 4.0], [1.0, 1.0, 1.0, -1.0], [0.0, 4.0, -5.0, 6.0]
    shares = [1 / (1 + math.exp(q * (new - old))) for q, new, old in zip(query, key, k)]
    a, b, c, d = (share * old + (1 - share) * new for share, old, new in zip(shares, v, own))
    for n_head in (None, 4):
        got = attend(FOUR, n_head, keys=[k], values=[v])
        what = "the output of four heads" + (" (n_head not given)" if n_head is None else "")
        expect.close(got, [a, a + b, 2 * c + d / 2, b - d], what)


def test_sixteen_positions(attention, made):
    """Fed one after the other with the same lists, each position attends over itself and all before it."""
    xs = [[((5 * t) % 16) / 4 - 1.5, ((3 * t) % 7) / 2 - 1.0] for t in range(16)]
    matrices, keys, values = [made((TWO | {"wq": ZERO})[name]) for name in WEIGHTS], [], []
    got = [attention.attention(made(x), keys, values, *matrices, n_head=1) for x in xs]
    for t in range(16):  # even weights: the mean of all values so far
        a, b = (sum(x[i] for x in xs[: t + 1]) / (t + 1) for i in (0, 1))
        v = [2 * a + b / 2, a + 3 * b]
        what = f"the output of position {t} of 16 (even weights)"
        expect.close(expect.values(got[t], 2, what), [v[0] + 2 * v[1], v[1] / 2 - v[0]], what)


def test_order_of_earlier_positions(attend):
    """Earlier positions in another order give the same output."""
    keys, values = SOFT["keys"], SOFT["values"]
    before = attend(SOFT, 2, keys, values)
    expect.close(
        attend(SOFT, 2, keys[::-1], values[::-1]), before, "the output for the earlier positions the other way round"
    )


def test_large_scores(attend):
    """Scores of thousands do not overflow: the largest takes all the weight."""
    got = attend(TWO, 1, keys=[[-3000.0, 2000.0], [-2000.0, 1500.0]], values=[[4.0, 1.0], [7.0, 5.0]])
    expect.close(got, [6.0, -3.5], "the output for scores of 7000 and 5000, wo [4, 1]")


# The caches


def test_heads_must_divide_the_width(attention, made):
    """Four numbers cannot be shared out among three heads: ValueError, before anything is appended."""
    keys, values = made([[0.5, 1.0, 2.0, -1.0]]), made([[4.0, 8.0, 5.0, 1.0]])
    matrices = [made(FOUR[name]) for name in WEIGHTS]
    for n_head in (3, 8):
        what = f"attention() of width 4 with n_head={n_head}"
        expect.error(ValueError, what, attention.attention, made(FOUR["x"]), keys, values, *matrices, n_head)
        assert (len(keys), len(values)) == (1, 1), f"{what} raised ValueError, but appended to keys or values before"


# Gradients, by way of your backward


def loss(outputs):
    """One Value to walk back from."""
    return sum((weight * out for weight, out in zip(LOSS[1:], outputs[1:])), LOSS[0] * outputs[0])


def changed(given, name, i, j, change):
    """The same numbers but for one."""
    if name == "x":
        return given | {"x": [x + change * (j == k) for k, x in enumerate(given["x"])]}
    rows = [list(row) for row in given[name]]
    rows[i][j] += change
    return given | {name: rows}


@pytest.mark.parametrize("name", ["x", "keys", "values", *WEIGHTS])
def test_gradients(attention, backward, made, attend, name):
    """The gradient by each input is the change of the output when that input changes by a little."""
    inputs = {part: made(numbers) for part, numbers in SOFT.items()}
    lists = [list(inputs["keys"]), list(inputs["values"])]
    got = attention.attention(inputs["x"], *lists, *(inputs[part] for part in WEIGHTS), n_head=2)
    backward.backward(loss(got))

    def slope(i, j, h=1e-5):
        above, below = (changed(SOFT, name, i, j, change) for change in (h, -h))
        ends = [attend(given, 2, given["keys"], given["values"]) for given in (above, below)]
        return sum(weight * (a - b) for weight, a, b in zip(LOSS, *ends)) / (2 * h)

    rows = [inputs["x"]] if name == "x" else inputs[name]
    want = [[slope(i, j) for j in range(4)] for i in range(len(rows))]
    what = f"the gradient by {name} (is everything on the way from {name} to the output a Value?)"
    # a difference over 2e-5 is off by some 1e-9
    expect.close([[one.grad for one in row] for row in rows], want, what, rel=1e-5, abs=1e-7)


def test_gradients_reach_earlier_positions(attention, backward, made, attend):
    """The last position's output has gradients by the x of the earlier ones, by way of their keys and values."""
    numbers = [[1.0, -0.5, 0.25, 0.75], [-0.25, 0.5, -1.0, 1.5], SOFT["x"]]

    def run(xs):
        matrices, keys, values = [made(SOFT[name]) for name in WEIGHTS], [], []
        return [attention.attention(x, keys, values, *matrices, n_head=2) for x in xs][-1]

    def slope(t, j, h=1e-5):
        ends = []
        for change in (h, -h):
            moved = [[x + change * ((t, j) == (s, k)) for k, x in enumerate(row)] for s, row in enumerate(numbers)]
            ends.append(expect.value(loss(run(made(moved))), "the sum of the outputs"))
        return (ends[0] - ends[1]) / (2 * h)

    xs = made(numbers)
    backward.backward(loss(run([list(x) for x in xs])))
    what = "the gradients of the last output by the x of all three positions (rows)"
    want = [[slope(t, j) for j in range(4)] for t in range(3)]
    expect.close([[one.grad for one in x] for x in xs], want, what, rel=1e-5, abs=1e-7)


# The graph


def test_only_operations_of_step_01(attention, made):
    """Every Value is the result of one operation of step 01, which has one or two operands."""
    inputs = {name: made(numbers) for name, numbers in SOFT.items()}
    nodes = list(attention.attention(*inputs.values(), n_head=2))
    seen = {id(node) for node in nodes}
    for node in nodes:  # grows while it is walked
        count = len(node._children)
        assert count <= 2, f"a Value has {count} children: no operation of step 01 makes it"
        new = [child for child in node._children if id(child) not in seen]
        seen.update(id(child) for child in new)
        nodes.extend(new)
