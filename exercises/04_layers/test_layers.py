"""Tests of 04_layers, pure track: run them with `pytest exercises/04_layers/test_layers.py`.

linear first: one weight, a row, a matrix, gradients (they need 02_backward). Then rmsnorm in the same order, and last
what the graphs are made of.
"""

import math

import expect
import pytest


@pytest.fixture
def leaves(value):
    """A list of Values from plain numbers."""
    return lambda *numbers: [value.Value(number) for number in numbers]


@pytest.fixture
def matrix(leaves):
    """A list of rows of Values."""
    return lambda *rows: [leaves(*row) for row in rows]


def gradients(nodes):
    """What the Values hold."""
    return [node.grad for node in nodes]


# linear


def test_one_weight(layers, leaves, matrix):
    """One input and one weight give their product."""
    y = expect.values(layers.linear(leaves(3.0), matrix([-0.5])), 1, "linear([3], [[-0.5]])")
    slips = [([-3.0], "the first product counts twice: where does the sum start?")]
    expect.close(y, [-1.5], "linear([3], [[-0.5]])", slips=slips)


def test_one_row(layers, leaves, matrix):
    """An output is the sum of all inputs, each times its weight."""
    what = "linear([1, -2, 3], [[0.5, 1.5, 2]])"
    y = expect.values(layers.linear(leaves(1.0, -2.0, 3.0), matrix([0.5, 1.5, 2.0])), 1, what)
    slips = [([3.5 / 3], "the sum is divided by its length: a weighted sum is no mean")]
    expect.close(y, [0.5 - 3.0 + 6.0], what, slips=slips)


def test_an_output_for_each_row(layers, leaves, matrix):
    """A matrix of three rows turns two inputs into three outputs, in the order of the rows."""
    what = "linear([2, -1], [[1, 3], [0.5, -2], [0, 4]])"
    y = layers.linear(x=leaves(2.0, -1.0), w=matrix([1.0, 3.0], [0.5, -2.0], [0.0, 4.0]))
    expect.close(expect.values(y, 3, what), [-1.0, 3.0, -4.0], what)


def test_a_row_of_another_length(layers, leaves, matrix):
    """A row that is longer or shorter than x raises ValueError, whichever row it is."""
    long, short, right = [1.0, 2.0, 3.0], [4.0], [5.0, 6.0]
    for rows in ([long, right], [right, long], [short, right], [right, short], [long, right, short]):
        expect.error(ValueError, f"linear([6, 7], {rows})", layers.linear, leaves(6.0, 7.0), matrix(*rows))


def test_gradients_of_linear(layers, backward, leaves, matrix):
    """For the output of its row a weight's gradient is the input, and an input's gradient is the weight."""
    x, w = leaves(2.0, -1.0, 0.5), matrix([1.0, 3.0, -2.0], [4.0, 0.25, 5.0])
    backward.backward(layers.linear(x, w)[1])
    nothing = [0.0, 0.0, 0.0]
    slips = [(nothing, "no gradient reaches x: is it read with .data?")]
    expect.close(gradients(x), [4.0, 0.25, 5.0], "the gradients of x, from the second output", slips=slips)
    slips = [(nothing, "no gradient reaches the weights: are they read with .data?")]
    what = "the gradients of the second row of w, from the second output"
    expect.close(gradients(w[1]), [2.0, -1.0, 0.5], what, slips=slips)
    expect.close(gradients(w[0]), [0.0, 0.0, 0.0], "the gradients of the first row of w, from the second output")


def test_gradients_add_up_over_the_rows(layers, backward, leaves, matrix):
    """An input's gradient gathers a share from every output that is used."""
    x, w = leaves(2.0, -1.0), matrix([1.0, 3.0], [4.0, 0.25], [-2.0, 1.5])
    first, second, third = layers.linear(x, w)
    backward.backward(first * 1.0 + second * 10.0 + third * -2.0)
    expect.close(gradients(x), [45.0, 2.5], "the gradients of x, from y0 + 10 y1 - 2 y2")
    got = [gradients(row) for row in w]
    expect.close(got, [[2.0, -1.0], [20.0, -10.0], [-4.0, 2.0]], "the gradients of w, from y0 + 10 y1 - 2 y2")


# rmsnorm


def test_rmsnorm(layers, leaves):
    """Every number is divided by the root of the mean of the squares; the mean itself is not taken away."""
    what = "rmsnorm([1, 7, 5], eps=0)"
    y = expect.values(layers.rmsnorm(leaves(1.0, 7.0, 5.0), eps=0.0), 3, what)
    x, mean, spread = (1.0, 7.0, 5.0), 13 / 3, math.sqrt(56 / 9)
    slips = [
        ([(x_i - mean) / spread for x_i in x], "the mean is taken away: that is another norm, the layer norm"),
        ([x_i / math.sqrt(75) for x_i in x], "the sum is not divided: the m of rms is for mean"),
        ([x_i / 25 for x_i in x], "the root is missing: the r of rms"),
    ]
    expect.close(y, [0.2, 1.4, 1.0], what, slips=slips)  # the squares are 1, 49, 25: their mean is 25


def test_eps_stands_inside_the_root(layers, leaves):
    """eps is added to the mean of the squares before the root is taken."""
    what = "rmsnorm([1, -2, 2], eps=6)"
    y = expect.values(layers.rmsnorm(x=leaves(1.0, -2.0, 2.0), eps=6.0), 3, what)
    slips = [
        ([x_i / (math.sqrt(3) + 6) for x_i in (1.0, -2.0, 2.0)], "eps is added after the root, not before it"),
        ([x_i / math.sqrt(3 + 1e-5) for x_i in (1.0, -2.0, 2.0)], "this is eps=1e-5, and not the eps that is given"),
    ]
    expect.close(y, [1 / 3, -2 / 3, 2 / 3], what, slips=slips)  # the mean of the squares is 3


def test_eps_of_its_own(layers, leaves):
    """Without another eps it is 1e-5, which shows where the numbers are small."""
    what = "rmsnorm([0.001, -0.003])"
    y = expect.values(layers.rmsnorm(leaves(0.001, -0.003)), 2, what)
    expect.close(y, [0.001 / math.sqrt(1.5e-5), -0.003 / math.sqrt(1.5e-5)], what)  # 5e-6 + 1e-5


def test_large_numbers_and_a_single_one(layers, leaves):
    """However large the numbers, what comes out is about 1."""
    what = "rmsnorm([3000000, -4000000])"
    y = expect.values(layers.rmsnorm(leaves(3e6, -4e6)), 2, what)
    expect.close(y, [3 / math.sqrt(12.5), -4 / math.sqrt(12.5)], what)
    y = expect.values(layers.rmsnorm(leaves(-2.0)), 1, "rmsnorm([-2])")
    expect.close(y, [-2 / math.sqrt(4 + 1e-5)], "rmsnorm([-2])")


def test_gradients_of_rmsnorm(layers, backward, leaves):
    """A change of x_0 moves y_0 directly, and every y through the mean."""
    rows = []
    for i in range(2):
        x = leaves(1.0, 7.0)  # the mean of the squares is 25; with an eps of 24 the root is 7
        backward.backward(layers.rmsnorm(x, 24.0)[i])
        rows.append(gradients(x))
    # d y_i / d x_j is (1/7 where i is j) - x_i x_j / (2 * 7^3)
    want = [[97 / 686, -7 / 686], [-7 / 686, 49 / 686]]
    slips = [([[1 / 7, 0.0], [0.0, 1 / 7]], "no gradient comes through the mean: is it read with .data?")]
    expect.close(rows, want, "the gradients (row: output, column: input) of rmsnorm([1, 7], eps=24)", slips=slips)


def test_zeros(layers, backward, leaves):
    """Zeros stay zeros, and their gradient is 1 / sqrt(eps)."""
    x = leaves(0.0, 0.0, 0.0)
    y = layers.rmsnorm(x, 0.0625)
    expect.close(expect.values(y, 3, "rmsnorm([0, 0, 0], 0.0625)"), [0.0, 0.0, 0.0], "rmsnorm([0, 0, 0], 0.0625)")
    backward.backward(y[1])
    slips = [([0.0, 0.0, 0.0], "zeros need no case of their own: an output that is 0 still depends on its input")]
    expect.close(gradients(x), [0.0, 4.0, 0.0], "the gradients of rmsnorm([0, 0, 0], 0.0625)[1]", slips=slips)


# Both


def test_inputs_are_left_alone(layers, leaves, matrix):
    """Both functions return new Values and leave the lists and Values that they are given as they are."""
    x, w = leaves(2.0, -1.0), matrix([1.0, 3.0])
    inputs, row = list(x), list(w[0])
    layers.linear(x, w)
    layers.rmsnorm(x)
    kept = len(x) == 2 and x[0] is inputs[0] and x[1] is inputs[1]
    assert kept, "x is not the list of the same Values any more"
    kept = len(w) == 1 and len(w[0]) == 2 and w[0][0] is row[0] and w[0][1] is row[1]
    assert kept, "w does not hold the same Values any more"
    expect.close([node.data for node in inputs + row], [2.0, -1.0, 1.0, 3.0], "the numbers in x and w afterwards")


def test_only_operations_of_step_01(layers, leaves, matrix):
    """Every Value is the result of one operation of step 01, which has one or two operands."""
    x = leaves(1.0, -0.5, 2.0, 0.3)
    nodes = [*layers.linear(x, matrix([0.5, 1.5, 2.0, -1.0])), *layers.rmsnorm(x)]
    for node in nodes:  # grows while it is walked
        count = len(node._children)
        assert count <= 2, f"a Value has {count} children: no operation of step 01 makes it"
        nodes.extend(node._children)
