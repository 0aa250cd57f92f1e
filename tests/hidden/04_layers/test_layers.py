"""Hidden checks of 04_layers (pure): weighted sums, the norm, their gradients, and the graphs behind them.

Trusted side. Everything is compared with a closed form in plain floats and with the reference. The tolerance of 1e-9
leaves room for another order of summation, a few roundings of 1e-16, and for a little cancellation in gradients.
"""

import math
from typing import Any

from grader.marking.check import Check

Matrix = list[list[float]]
OF_LARGE_X = 1e-18  # gradients by an x of 1e6 are about 1e-6, rounded at 1e-22: the usual 1e-12 would hide a wrong one


def linear(x: list[float], w: Matrix) -> list[float]:
    """w x in plain floats."""
    return [math.fsum(a * b for a, b in zip(row, x, strict=True)) for row in w]


def linear_gradients(x: list[float], w: Matrix, g: list[float]) -> dict:
    """By x: the sum of the rows, each times its g. By w: the outer product of g and x."""
    by_x = [math.fsum(g_o * row[i] for g_o, row in zip(g, w, strict=True)) for i in range(len(x))]
    return {"x": by_x, "w": [[g_o * x_i for x_i in x] for g_o in g]}


def rmsnorm(x: list[float], eps: float = 1e-5) -> list[float]:
    """x / sqrt(mean(x*x) + eps) in plain floats."""
    root = math.sqrt(math.fsum(a * a for a in x) / len(x) + eps)
    return [a / root for a in x]


def rmsnorm_gradients(x: list[float], g: list[float], eps: float = 1e-5) -> list[float]:
    """With s = 1 / sqrt(mean(x*x) + eps):  s g - s^3 x (x.g) / n."""
    s = 1 / math.sqrt(math.fsum(a * a for a in x) / len(x) + eps)
    dot = math.fsum(a * b for a, b in zip(x, g, strict=True))
    return [s * g_i - s**3 * x_i * dot / len(x) for x_i, g_i in zip(x, g, strict=True)]


def some(check: Check, count: int, size: float = 2.0) -> list[float]:
    """Numbers of either sign, none of them near 0."""
    return [check.rng.choice([-1, 1]) * check.rng.uniform(0.2, 1) * size for _ in range(count)]


def some_rows(check: Check, n_out: int, n_in: int) -> Matrix:
    """A matrix of such numbers."""
    return [some(check, n_in) for _ in range(n_out)]


def test_one_weight(check: Check) -> None:
    """linear with one input and one output is their product, in a list of one Value."""
    x, weight = some(check, 1), some(check, 1)
    cases = [[x, [weight]], [x, [[-weight[0]]]]]  # one of the products is negative
    why = "with one input and one weight the output is not their product: is anything added or left out?"
    got = check.same_each("products", cases, why=why)
    check.close(got, [linear(*case) for case in cases], why=why)


def test_weighted_sums(check: Check) -> None:
    """linear gives one output per row of w: the sum of all inputs, each times its weight in that row."""
    shapes = [(3, 5), (5, 2), (4, 4), (1, 3), (6, 1)]
    cases = [[some(check, n_in), some_rows(check, n_out, n_in)] for n_out, n_in in shapes]
    why = "the outputs are not the rows of w times x: is every input in each of them, with its own weight?"
    got = check.same_each("products", cases, why=why)
    check.close(got, [linear(*case) for case in cases], why=why)
    check.same("named_products", *cases[0])


def test_rows_of_another_length(check: Check) -> None:
    """linear raises ValueError when any row of w, first or last, is longer or shorter than x, and only then."""
    check.learner("products", some(check, 3), some_rows(check, 4, 3))
    for place, change in ((0, 1), (0, -1), (1, -1), (2, 1), (3, -1), (3, 1)):
        rows = some_rows(check, 4, 3)
        rows[place] = some(check, 3 + change)
        check.raises(ValueError, "products", some(check, 3), rows)
    one_each = [some(check, 3 + change) for change in (0, 1, -1)]  # as many weights as if every row fitted
    check.raises(ValueError, "products", some(check, 3), one_each)
    for length in (4, 2):  # all rows alike; 4 rows, so that w the other way round does not fit either
        check.raises(ValueError, "products", some(check, 3), some_rows(check, 4, length))
    check.raises(ValueError, "products", some(check, 3), some_rows(check, 3, 2))  # this one would fit, turned


def test_gradients_of_linear(check: Check) -> None:
    """Each weight's gradient is its input times the output's gradient; each input's adds up over all rows."""
    why = "the outputs may be right, the gradients are not: are both x and w used as Values?"
    shapes = [(3, 4), (4, 2), (1, 1)]
    cases = [[some(check, n_in), some_rows(check, n_out, n_in), some(check, n_out)] for n_out, n_in in shapes]
    got = check.same_each("linear_gradients", cases, why=why)
    check.close(got, [linear_gradients(*case) for case in cases], why=why)
    why = "gradients are wrong where one Value stands at two places of x, or one row twice in w"
    check.same(
        "linear_of_shared", some(check, 2), some_rows(check, 2, 3), [0, 1, 0], [1, 0, 1], some(check, 3), why=why
    )
    why = "gradients do not reach what x and w were made from"
    check.same("linear_of_results", some(check, 3), some_rows(check, 2, 3), 0.7, some(check, 2), why=why)


def test_rmsnorm(check: Check) -> None:
    """rmsnorm divides every number by the root of the mean of the squares (plus the default eps of 1e-5)."""
    cases = [[some(check, count)] for count in (2, 5, 16)]
    cases += [[[3 + a for a in some(check, 4)]]]  # the mean is far from 0
    why = "the numbers are wrong: each is divided by the root of the mean of the squares, and nothing is taken away"
    got = check.same_each("normed", cases, why=why)
    check.close(got, [rmsnorm(*case) for case in cases], why=why)
    why = "with numbers of 0.01 and less the result is wrong: what is eps where none is given?"
    small = [[some(check, 5, 0.01)], [some(check, 3, 0.002)]]
    got = check.same_each("normed", small, why=why)
    check.close(got, [rmsnorm(*case) for case in small], why=why)


def test_eps_stands_inside_the_root(check: Check) -> None:
    """rmsnorm adds the eps that it is given to the mean of the squares, before the root is taken."""
    cases = [
        [some(check, 4, 0.5), 0.3],
        [some(check, 3), 2.0],
        [some(check, 6, 1e-3), 1e-7],
        [some(check, 3, 1e-3), 0.0],
    ]
    why = "with an eps of its own the result is wrong: is it used, and added to the mean before the root is taken?"
    got = check.same_each("normed", cases, why=why)
    check.close(got, [rmsnorm(*case) for case in cases], why=why)
    check.same("named_normed", *cases[0], why=why)


def test_large_tiny_and_single_numbers(check: Check) -> None:
    """Numbers of a million become numbers of about 1, numbers of a millionth stay small, and a list may hold one."""
    large, others = some(check, 4, 1e6), [some(check, 5, 1e-6), some(check, 1, 3.0), some(check, 1, 0.002)]
    why = "very large or very small numbers, or a single one, are not divided by the right root"
    got = check.same_each("normed", [[x] for x in [large, *others]], why=why)
    check.close(got, [rmsnorm(x) for x in [large, *others]], why=why)
    why = "the values may be right, the gradients of very large or very small numbers, or of a single one, are not"
    cases = [[x, some(check, len(x))] for x in others]
    got = check.same_each("rmsnorm_gradients", cases, why=why)
    check.close(got, [rmsnorm_gradients(*case) for case in cases], why=why)
    g = some(check, 4)
    got = check.same("rmsnorm_gradients", large, g, abs=OF_LARGE_X, why=why)
    check.close(got, rmsnorm_gradients(large, g), abs=OF_LARGE_X, why=why)


def test_gradients_of_rmsnorm(check: Check) -> None:
    """The gradient of rmsnorm goes both ways: by x_i itself, and by the mean, to which every x belongs."""
    why = "the values may be right, the gradients are not: every output depends on every input, through the mean"
    cases = [[some(check, count), some(check, count)] for count in (2, 4, 7)]
    cases += [[some(check, 4, 0.5), some(check, 4), 0.3]]
    got = check.same_each("rmsnorm_gradients", cases, why=why)
    check.close(got, [rmsnorm_gradients(*case) for case in cases], why=why)
    why = "gradients do not reach what x was made from"
    check.same("rmsnorm_of_results", some(check, 3), check.rng.uniform(0.3, 0.9), some(check, 3), why=why)


def test_rmsnorm_of_zeros(check: Check) -> None:
    """rmsnorm of zeros is zeros, and a gradient is multiplied by 1 / sqrt(eps) there."""
    cases = [[[0.0] * 3, some(check, 3)], [[0.0] * 4, some(check, 4), 0.25]]
    why = "zeros do not stay zeros"
    check.close(check.same("normed", cases[0][0], why=why), [0.0] * 3, why=why)
    why = "the values for zeros are right, their gradients are not: how does x_i / sqrt(eps) change with x_i?"
    got = check.same_each("rmsnorm_gradients", cases, why=why)
    check.close(got, [[g / math.sqrt(1e-5) for g in cases[0][1]], [g * 2 for g in cases[1][1]]], why=why)


def test_inputs_are_left_alone(check: Check) -> None:
    """Both functions return new Values: the lists they are given, and the Values in them, stay as they are."""
    why = "linear changes the x or the w that it is given"
    check.same("inputs_of_linear", some(check, 3), some_rows(check, 2, 3), rel=0, abs=0, why=why)
    check.same("inputs_of_rmsnorm", some(check, 4), rel=0, abs=0, why="rmsnorm changes the x that it is given")


def test_only_operations_of_step_01(check: Check, only_six_operations: Any) -> None:
    """The numbers are right, and each Value behind them is made by one operation of step 01, with its derivatives."""
    linear_args, rmsnorm_args = [some(check, 4), some_rows(check, 3, 4)], [some(check, 5), 0.02]
    only_six_operations(check.learner("linear_graph", *linear_args), linear(*linear_args))
    only_six_operations(check.learner("rmsnorm_graph", *rmsnorm_args), rmsnorm(*rmsnorm_args))
