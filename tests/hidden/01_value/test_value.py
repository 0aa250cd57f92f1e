"""Hidden checks of 01_value (pure): the six operations, their local derivatives, and what a Value holds.

Trusted side. Every operation is compared with a closed form and with the reference, on numbers of this run. Results are
compared to 1e-9: a handful of roundings (1e-16 each) with room to spare, far below any wrong formula.
"""

import math

from grader.marking.check import Check

VALUES_WRONG = "the result is wrong"
SLOPES_WRONG = "the result is right, but its local derivatives are not"


def away_from_zero(check: Check, low: float = 0.3, high: float = 3.0) -> float:
    """A number of either sign whose size lies between `low` and `high`."""
    return check.rng.choice([-1, 1]) * check.rng.uniform(low, high)


def compare(check: Check, cases: list, results: list[float], slopes: list[list[float]], rel: float = 1e-9) -> None:
    """Results first, then local derivatives: each against the reference and against the numbers given here."""
    check.close(check.same("results", cases, why=VALUES_WRONG), results, why=VALUES_WRONG)
    check.close(check.same("slopes", cases, why=SLOPES_WRONG), slopes, rel=rel, abs=rel, why=SLOPES_WRONG)


def test_a_new_value_holds_a_float(check: Check) -> None:
    """Value(x) stores x as a float, has a gradient of 0 and no children."""
    numbers = [check.rng.randint(2, 99), -check.rng.randint(2, 99), 0, away_from_zero(check)]
    got = check.same("inputs", numbers)
    check.close([x["data"] for x in got], [float(x) for x in numbers])


def test_children_keep_their_local_derivatives(check: Check) -> None:
    """A Value keeps its children and their local derivatives in two tuples of the same order."""
    children, local = [check.rng.uniform(1, 2) for _ in range(3)], [away_from_zero(check) for _ in range(3)]
    number = away_from_zero(check)
    for by_name in (False, True):
        got = check.same("by_hand", children, number, local, by_name)
        check.close(got["slopes"], local, why="a child has lost its own local derivative")
    operations = [["a + b", [2.0, 3.0], []], ["a * b", [2.0, 3.0], []], ["a ** n", [2.0], [3]]]
    check.same("keeps_tuples", operations + [[name, [2.0], []] for name in ("a.log()", "a.exp()", "a.relu()")])


def test_two_values_of_equal_data_are_different(check: Check) -> None:
    """Values compare and hash by identity: two Values that hold the same number are two members of a set."""
    got = check.same("identity", away_from_zero(check), why="two Values of equal data must be two different things")
    check.close(got, [True, False, True, True, False, True])


def test_addition(check: Check) -> None:
    """a + b has slope 1 for each operand; either side may be a plain number, and a + a has slope 2."""
    a, b, n, m = away_from_zero(check), away_from_zero(check), away_from_zero(check), check.rng.randint(2, 9)
    cases = [
        ["a + b", [a, b], []],
        ["a + n", [a], [n]],
        ["a + n", [b], [m]],
        ["n + a", [a], [m]],
        ["n + a", [b], [n]],
        ["a + a", [a], []],
    ]
    compare(check, cases, [a + b, a + n, b + m, m + a, n + b, a + a], [[1.0, 1.0], [1.0], [1.0], [1.0], [1.0], [2.0]])


def test_multiplication(check: Check) -> None:
    """a * b has slope b for a and slope a for b; either side may be a plain number, and a * a has slope 2a."""
    a, b, n, m = away_from_zero(check), away_from_zero(check), away_from_zero(check), check.rng.randint(2, 9)
    cases = [
        ["a * b", [a, b], []],
        ["a * n", [a], [n]],
        ["a * n", [b], [m]],
        ["n * a", [a], [m]],
        ["n * a", [b], [n]],
        ["a * a", [a], []],
        ["a * b", [0.0, b], []],
    ]
    results = [a * b, a * n, b * m, m * a, n * b, a * a, 0.0]
    compare(check, cases, results, [[b, a], [n], [float(m)], [float(m)], [n], [2 * a], [b, 0.0]])


def test_power(check: Check) -> None:
    """a ** n has slope n * a ** (n - 1), for whole, negative and fractional exponents."""
    a, c = away_from_zero(check), check.rng.uniform(0.3, 3)
    even, odd, part = check.rng.choice([2, 4]), check.rng.choice([3, 5]), check.rng.uniform(0.2, 0.8)
    pairs = [(a, even), (-a, odd), (a, 1), (a, -1), (-a, -odd), (c, part), (c, -0.5), (c, even + part)]
    pairs += [(0.0, odd), (0, 2), (0.0, 1)]  # the slope must not come from a division by a
    cases = [["a ** n", [base], [exponent]] for base, exponent in pairs]
    results = [float(base**exponent) for base, exponent in pairs]
    compare(check, cases, results, [[float(exponent * base ** (exponent - 1))] for base, exponent in pairs])


def test_power_zero(check: Check) -> None:
    """a ** 0 is 1 with slope 0, at a = 0 too."""
    bases = [away_from_zero(check), -check.rng.uniform(1, 2), 0.0, 0]
    cases = [["a ** n", [base], [zero]] for base in bases for zero in (0, 0.0)]
    compare(check, cases, [1.0] * len(cases), [[0.0]] * len(cases))


def test_exponent_must_be_a_number(check: Check) -> None:
    """An exponent that is a Value, a string or None raises TypeError; an int or a float does not."""
    a = check.rng.uniform(1, 2)
    check.learner("results", [["a ** n", [a], [2]], ["a ** n", [a], [0.5]]])
    check.raises(TypeError, "results", [["a ** b", [a, 2.0], []]])
    check.raises(TypeError, "results", [["a ** '2'", [a], []]])
    check.raises(TypeError, "results", [["a ** None", [a], []]])


def test_log(check: Check) -> None:
    """log is the natural logarithm, with slope 1 / a."""
    numbers = [check.rng.uniform(0.01, 0.9), check.rng.uniform(1.1, 9), check.rng.uniform(100, 1000), 1]
    cases = [["a.log()", [x], []] for x in numbers]
    compare(check, cases, [math.log(x) for x in numbers], [[1 / x] for x in numbers])


def test_log_needs_a_positive_number(check: Check) -> None:
    """log of 0 or of a negative number raises ValueError; of a small positive one it does not."""
    check.learner("results", [["a.log()", [check.rng.uniform(1e-9, 1e-8)], []]])
    for number in (0.0, -check.rng.uniform(0.1, 5), 0, -check.rng.uniform(1e-9, 1e-8)):
        check.raises(ValueError, "results", [["a.log()", [number], []]])


def test_exp(check: Check) -> None:
    """exp is e to the power a, and is its own slope."""
    numbers = [check.rng.uniform(0.3, 5), -check.rng.uniform(0.3, 5), -check.rng.uniform(30, 40), 0]
    cases = [["a.exp()", [x], []] for x in numbers]
    compare(check, cases, [math.exp(x) for x in numbers], [[math.exp(x)] for x in numbers])


def test_relu(check: Check) -> None:
    """relu is a with slope 1 where a > 0, and 0 with slope 0 where a < 0 and at 0."""
    up, down = check.rng.uniform(0.3, 5), -check.rng.uniform(0.3, 5)
    cases = [["a.relu()", [x], []] for x in (up, down, 0.0, 0, up / 1000, down / 1000)]
    compare(check, cases, [up, 0.0, 0.0, 0.0, up / 1000, 0.0], [[1.0], [0.0], [0.0], [0.0], [1.0], [0.0]])


def test_minus_and_division(check: Check) -> None:
    """Negation, - and / work with Values and with a plain number on either side, slopes included."""
    a, b, n, m = away_from_zero(check), away_from_zero(check), away_from_zero(check), check.rng.randint(2, 9)
    cases = [
        ["-a", [a], []],
        ["a - b", [a, b], []],
        ["a - n", [a], [n]],
        ["n - a", [a], [m]],
        ["a / b", [a, b], []],
        ["a / n", [a], [m]],
        ["n / a", [a], [n]],
    ]
    results = [-a, a - b, a - n, m - a, a / b, a / m, n / a]
    slopes = [[-1.0], [1.0, -1.0], [1.0], [-1.0], [1 / b, -a / b**2], [1 / m], [-n / a**2]]
    compare(check, cases, results, slopes)


def test_operations_work_together(check: Check) -> None:
    """A longer expression has the right value and the right slope over all paths, and changes no operand."""
    a, b, c = (check.rng.uniform(0.5, 1.5) for _ in range(3))
    n = check.rng.uniform(0.5, 1.5)
    formulas = {
        "(a * b + c).relu() * a": lambda a, b, c: max(0.0, a * b + c) * a,
        "((a + n) * b).exp() / (a * a + c)": lambda a, b, c: math.exp((a + n) * b) / (a * a + c),
        "(a ** n + b * c).log() - a": lambda a, b, c: math.log(a**n + b * c) - a,
    }
    cases = [[name, [a, b, c], [n]] for name in formulas]
    slopes = [numeric_slopes(formula, [a, b, c]) for formula in formulas.values()]
    compare(check, cases, [formula(a, b, c) for formula in formulas.values()], slopes, rel=1e-6)
    check.close(check.learner("operands_after", cases), [[a, b, c]] * len(cases), why="an operation changed an operand")


def numeric_slopes(formula, numbers: list[float], h: float = 1e-5) -> list[float]:
    """Central differences: off by h * h = 1e-10 times a third derivative, and by 1e-16 / h = 1e-11 of rounding."""
    slopes = []
    for i, number in enumerate(numbers):
        up, down = [*numbers[:i], number + h, *numbers[i + 1 :]], [*numbers[:i], number - h, *numbers[i + 1 :]]
        slopes.append((formula(*up) - formula(*down)) / (2 * h))
    return slopes
