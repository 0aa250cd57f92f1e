"""Hidden tests of 01_value, torch track. Each asks `probes_torch.py` for plain data and compares it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from grader.marking.check import Check

STEP = 1e-6  # of the central differences, as in torch's gradcheck
VALUES = "the value of the operation is wrong"
GRADIENTS = "the values are right, the gradients are not: look at backward, and at what it multiplies"

CHANGED = "something is changed: a tensor that was given, or a global setting"


def tensor(shape: list[int], values: list[float], dtype: str = "float64") -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "values": values}


def numbers(check: Check, shape: list[int], low: float = 0.3, high: float = 2.0, signs: bool = True) -> dict[str, Any]:
    """A random tensor of numbers that keep away from 0, where some slopes jump."""
    draw = [check.rng.uniform(low, high) for _ in range(math.prod(shape))]
    return tensor(shape, [x * check.rng.choice([-1, 1]) if signs else x for x in draw])


def compare(check: Check, name: str, given: list[dict], extra: list, f: Callable, slopes: list[Callable]) -> None:
    """One operation against the reference, and against its formula and those of its slopes, element by element."""
    incoming = numbers(check, given[0]["shape"])
    got = check.learner("outcome", name, given, extra, incoming, [True] * len(given))
    want = check.reference("outcome", name, given, extra, incoming, [True] * len(given))
    check.require(type(got) is dict and list(got) == list(want), "the answer has wrong parts")
    columns = list(zip(*(one["values"] for one in given), strict=True))
    result = tensor(given[0]["shape"], [f(*xs) for xs in columns])
    grads = [
        tensor(given[0]["shape"], [g * s(*xs) for xs, g in zip(columns, incoming["values"], strict=True)])
        for s in slopes
    ]
    for expected in (want, {"result": result, "grads": grads}):
        check.close(got["result"], expected["result"], why=VALUES)
        check.close(got["grads"], expected["grads"], why=GRADIENTS)


def test_addition(check: Check) -> None:
    """Add.apply(a, b) is a + b, with slope 1 for each operand; Add.apply(x, x) has slope 2."""
    shape = [check.rng.randint(2, 4), 3]
    given = [numbers(check, shape), numbers(check, shape)]
    compare(check, "Add", given, [], lambda a, b: a + b, [lambda a, b: 1.0, lambda a, b: 1.0])
    incoming = numbers(check, shape)
    got = check.same("twice", "Add", given[0], incoming, why="a tensor that is added to itself has slope 2")
    check.close(got["grads"][0]["values"], [2 * g for g in incoming["values"]])


def test_multiplication(check: Check) -> None:
    """Mul.apply(a, b) is a * b, with slope b for a and slope a for b; Mul.apply(x, x) has slope 2x."""
    shape = [3, check.rng.randint(2, 4)]
    given = [numbers(check, shape), numbers(check, shape)]
    compare(check, "Mul", given, [], lambda a, b: a * b, [lambda a, b: b, lambda a, b: a])
    incoming = numbers(check, shape)
    got = check.same("twice", "Mul", given[0], incoming, why="a tensor that is multiplied by itself has slope 2x")
    pairs = zip(given[0]["values"], incoming["values"], strict=True)
    check.close(got["grads"][0]["values"], [2 * x * g for x, g in pairs])


def test_power(check: Check) -> None:
    """Pow.apply(x, n) is x to the power n, with slope n x^(n-1), for whole, negative and fractional n."""
    positive, mixed = numbers(check, [2, 3], signs=False), numbers(check, [5])
    whole = [2, 3, -1, check.rng.choice([4, 5]), 2.0, -3.0]
    cases = [(mixed, n) for n in whole] + [(positive, n) for n in (0.5, -0.5, check.rng.uniform(1.1, 2.9))]
    cases += [(tensor([3], [0.0, 1.3, -0.4]), n) for n in (1, 2, 3)]  # the slope must not come from a division by x
    for x, n in cases:
        compare(check, "Pow", [x], [n], lambda x, n=n: x**n, [lambda x, n=n: n * x ** (n - 1)])


def test_power_zero(check: Check) -> None:
    """Pow.apply(x, 0) is 1 with slope 0, where x is 0 too."""
    x = numbers(check, [4])
    x["values"][check.rng.randrange(4)] = 0.0
    for n in (0, 0.0):
        compare(check, "Pow", [x], [n], lambda x: 1.0, [lambda x: 0.0])


def test_exponent_must_be_a_number(check: Check) -> None:
    """Pow with an exponent that is a tensor, a string, None or a list raises TypeError; with a number it does not."""
    x = numbers(check, [3], signs=False)
    check.learner_each("result", [["Pow", [x], [n]] for n in (2, 0.5)])
    for exponent in ("tensor", "string", "none", "list"):
        check.raises(TypeError, "power_by", x, exponent)


def test_log(check: Check) -> None:
    """Log.apply(x) is the natural logarithm of every element, with slope 1/x."""
    compare(check, "Log", [numbers(check, [2, 3], 0.01, 0.9, False)], [], math.log, [lambda x: 1 / x])
    compare(check, "Log", [numbers(check, [4], 1.1, 500.0, False)], [], math.log, [lambda x: 1 / x])


def test_log_needs_positive_numbers(check: Check) -> None:
    """Log of a tensor with any element that is 0 or negative raises ValueError; of positive ones it does not."""
    check.learner("result", "Log", [numbers(check, [2, 3], signs=False)], [])
    for bad in (0.0, -check.rng.uniform(0.1, 5), -1e-9):
        x = numbers(check, [2, 3], signs=False)
        x["values"][check.rng.randrange(6)] = bad
        check.raises(ValueError, "result", "Log", [x], [])
    check.raises(ValueError, "result", "Log", [tensor([], [0.0])], [])


def test_exp(check: Check) -> None:
    """Exp.apply(x) is e to the power of every element, and its own slope."""
    compare(check, "Exp", [numbers(check, [2, 3])], [], math.exp, [math.exp])
    compare(check, "Exp", [numbers(check, [4], 5.0, 30.0)], [], math.exp, [math.exp])


def test_relu(check: Check) -> None:
    """Relu.apply(x) is x with slope 1 where x > 0, and 0 with slope 0 where x < 0 and where x is 0."""
    x = numbers(check, [3, 4], 1e-3, 2.0)
    x["values"][:3] = [0.0, check.rng.uniform(1, 2), -check.rng.uniform(1, 2)]
    compare(check, "Relu", [x], [], lambda x: max(0.0, x), [lambda x: float(x > 0)])


def test_gradients_agree_with_differences(check: Check) -> None:
    """The gradients agree with (f(x + h) - f(x - h)) / 2h of the learner's own forward, as gradcheck demands."""
    third = check.rng.uniform(1.5, 2.5)
    cases = [("Add", 2, []), ("Mul", 2, []), ("Pow", 1, [third]), ("Log", 1, []), ("Exp", 1, []), ("Relu", 1, [])]
    for name, count, extra in cases:
        given = [numbers(check, [3], signs=False) for _ in range(count)]
        incoming = numbers(check, [3])
        got = check.same("outcome", name, given, extra, incoming, [True] * count, why=GRADIENTS)
        for i, one in enumerate(given):
            sides = []
            for h in (STEP, -STEP):  # all elements at once: each result depends on its own element only
                moved = {**one, "values": [x + h for x in one["values"]]}
                sides.append(check.same("result", name, [*given[:i], moved, *given[i + 1 :]], extra)["values"])
            numeric = [g * (u - d) / (2 * STEP) for u, d, g in zip(*sides, incoming["values"], strict=True)]
            # truncation 1e-12, and rounding 1e-16 / 1e-6 = 1e-10 of results up to 10
            check.close(got["grads"][i]["values"], numeric, rel=1e-6, abs=1e-7, why=GRADIENTS)
        silent = check.learner("undefined", name, given, extra)
        for grad in silent if type(silent) is list else [None]:
            zeros = [0.0] * len(grad) if type(grad) is list else []
            check.close(grad, zeros, why="where no gradient arrives none may leave: backward was given None or zeros")


def test_only_one_operand_needs_a_gradient(check: Check) -> None:
    """Add and Mul give the right gradient when only one of their operands requires one."""
    given, incoming = [numbers(check, [2, 3]) for _ in range(2)], numbers(check, [2, 3])
    for name in ("Add", "Mul"):
        for needs in ([True, False], [False, True]):
            got = check.same("outcome", name, given, [], incoming, needs, why=GRADIENTS)
            here, other = needs.index(True), given[needs.index(False)]["values"]
            slopes = other if name == "Mul" else [1.0] * 6
            grads = [g * s for g, s in zip(incoming["values"], slopes, strict=True)]
            check.close(got["grads"][here]["values"], grads, why=GRADIENTS)


def test_any_shape_and_layout(check: Check) -> None:
    """The operations work for tensors of no, one or three dimensions, without elements, and of any layout in memory."""
    cases = [("Add", 2, []), ("Mul", 2, []), ("Pow", 1, [3]), ("Log", 1, []), ("Exp", 1, []), ("Relu", 1, [])]
    for name, count, extra in cases:
        for shape in ([], [1], [0], [2, 0], [2, 3], [2, 1, 3]):
            given = [{**numbers(check, shape, signs=False), "layout": "strided"} for _ in range(count)]
            incoming = {**numbers(check, shape), "layout": "strided"}
            check.same("outcome", name, given, extra, incoming, [True] * count)


def test_float32_stays_float32(check: Check) -> None:
    """From float32 come float32 results and gradients, from float64 float64."""
    cases = [("Add", 2, []), ("Mul", 2, []), ("Pow", 1, [0]), ("Pow", 1, [1.5]), ("Log", 1, []), ("Exp", 1, [])]
    for name, count, extra in [*cases, ("Relu", 1, [])]:
        for dtype in ("float32", "float64"):
            given = [{**numbers(check, [2, 3], signs=False), "dtype": dtype} for _ in range(count)]
            incoming = {**numbers(check, [2, 3]), "dtype": dtype}
            # float32 rounds by 6e-8; float64 judges the formula, so that a thousandth is close enough here
            rel = 1e-3 if dtype == "float32" else 1e-9
            check.same("outcome", name, given, extra, incoming, [True] * count, rel=rel)


def test_nothing_else_is_changed(check: Check) -> None:
    """Neither the operands nor the incoming gradient are modified, and no global setting of torch or Python is."""
    cases = [("Add", 2, []), ("Mul", 2, []), ("Pow", 1, [0]), ("Pow", 1, [3]), ("Log", 1, []), ("Exp", 1, [])]
    for name, count, extra in [*cases, ("Relu", 1, [])]:
        given, incoming = [numbers(check, [4], signs=name == "Relu") for _ in range(count)], numbers(check, [4])
        got = check.same("unchanged", name, given, extra, incoming, why=CHANGED)
        check.close(got["given"], [*given, incoming], why="an operation changed what it was given")
        check.close(got["settings"], [])
