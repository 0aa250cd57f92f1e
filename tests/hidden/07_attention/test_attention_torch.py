"""Hidden tests of 07_attention, torch track. Each asks `probes_torch.py` for plain data and compares it.

Expected values come twice: from the reference, and from the formulas below, which are computed in plain Python. The
tests are a ladder: each of the first ones switches off most of the mechanisms, so that its sentence names the suspect.
"""

from __future__ import annotations

import cmath
import math
import operator
import random
from typing import Any

from grader.marking.check import Check, once

Number = Any  # a float, or a complex number whose imaginary part carries a derivative
Vector = list[Number]

MATRICES = ("wq", "wk", "wv", "wo")
STEP = 1e-30  # of the imaginary part: nothing is subtracted, so it can be as small as one likes
ABS = 1e-10  # outputs of size 1 are sums of some ten products: 1e-15 of rounding each, some of it cancelled
OTHER = "the outputs are wrong, and other tests of this step name the suspect"
CHANGED = "something is changed: a tensor that was given, or a global setting"


def case(check: Check, shape: tuple[int, int, int], heads: int | None, **more: Any) -> dict[str, Any]:
    """A case as probes_torch.py describes it."""
    return {"seed": check.rng.randrange(2**32), "shape": list(shape), "heads": heads, **more}


def drawn(case: dict[str, Any]) -> dict[str, Vector]:
    """The numbers of a case, by name, row by row."""
    batch, length, width = case["shape"]
    rng = random.Random(case["seed"])
    found = {"x": [rng.gauss(0, 1) for _ in range(batch * length * width)]}
    found |= {name: [rng.gauss(0, 0.5) for _ in range(width * width)] for name in MATRICES}
    return found | case.get("given", {})


def rows(numbers: Vector, width: int) -> list[Vector]:
    return [numbers[start : start + width] for start in range(0, len(numbers), width)]


def dot(a: Vector, b: Vector) -> Number:
    return sum(map(operator.mul, a, b))


def apply(w: list[Vector], x: Vector) -> Vector:
    """w x, for a matrix of rows."""
    return [dot(row, x) for row in w]


def weights(scores: Vector) -> Vector:
    """The softmax of the scores."""
    highest = max(score.real for score in scores)
    exps = [cmath.exp(score - highest) for score in scores]
    return [e / sum(exps) for e in exps]


def attend(xs: list[Vector], w: dict[str, list[Vector]], heads: int) -> list[Vector]:
    """Causal attention over the vectors of one sequence."""
    q, k, v = ([apply(w[name], x) for x in xs] for name in ("wq", "wk", "wv"))
    width = len(xs[0]) // heads
    found = []
    for t in range(len(xs)):
        joined = []
        for start in range(0, len(xs[0]), width):
            head = slice(start, start + width)
            a = weights([dot(q[t][head], k[s][head]) / math.sqrt(width) for s in range(t + 1)])
            joined += [dot(a, [v[s][i] for s in range(t + 1)]) for i in range(start, start + width)]
        found.append(apply(w["wo"], joined))
    return found


def output_of(case: dict[str, Any], numbers: dict[str, Vector] | None = None) -> list[Number]:
    """The outputs of a case (or of the numbers given in place of its own), row by row."""
    numbers = numbers or drawn(case)
    _, length, width = case["shape"]
    w = {name: rows(numbers[name], width) for name in MATRICES}
    sequences = rows(rows(numbers["x"], width), length)
    return [y for xs in sequences for out in attend(xs, w, case["heads"] or 4) for y in out]


def real(numbers: Vector) -> Vector:
    return [number.real for number in numbers]


@once
def wanted(case: dict[str, Any]) -> list[float]:
    """The outputs of a case, row by row."""
    return real(output_of(case))


def tensor(case: dict[str, Any], numbers: Vector) -> dict[str, Any]:
    return {"dtype": case.get("dtype", "float64"), "shape": case["shape"], "values": real(numbers)}


def agree(check: Check, why: str, cases: list[dict[str, Any]], rel: float = 1e-9, abs: float = ABS) -> list[Any]:
    """The learner's outputs against the reference's and against the formulas."""
    got = check.same_each("outputs", [[case] for case in cases], rel=rel, abs=abs, why=why)
    check.close(got, [tensor(case, wanted(case)) for case in cases], rel=rel, abs=abs, why=why)
    return got


def outputs(check: Check, cases: list[dict[str, Any]], why: str | None = None) -> list[Vector]:
    """The learner's outputs, row by row: finite numbers of the right count, and nothing else is known of them."""
    got = check.learner_each("outputs", [[case] for case in cases])
    check.close(got, [tensor(case, [0.0] * math.prod(case["shape"])) for case in cases], abs=math.inf, why=why)
    return [found["values"] for found in got]


def values_alone(case: dict[str, Any], x: Vector) -> Vector:
    """wo (wv x)"""
    numbers, width = drawn(case), len(x)
    return apply(rows(numbers["wo"], width), apply(rows(numbers["wv"], width), x))


def test_a_single_position(check: Check) -> None:
    """With one position there is nothing to weigh: the output is wo (wv x)."""
    why = "with a single position its weight is 1 and the output is wo (wv x): look at the values and at wo"
    cases = [case(check, (1, 1, 3), 1), case(check, (2, 1, 4), 1)]
    for found, asked in zip(agree(check, why, cases), cases, strict=True):
        want = [y for x in rows(drawn(asked)["x"], asked["shape"][2]) for y in values_alone(asked, x)]
        check.close(found["values"], want, abs=ABS, why=why)


def test_equal_scores_give_the_average_so_far(check: Check) -> None:
    """Where all scores are 0, position t takes the plain average of the values of positions 0 to t."""
    why = "with equal scores position t must give the average of values 0..t: suspect the mask, or weights that are \
not normalised after it"
    length, width = 5, 3
    silent = {"given": {check.rng.choice(["wq", "wk"]): [0.0] * width**2}}
    asked = case(check, (2, length, width), 1, **silent)
    (found,) = agree(check, why, [asked])
    want = []
    for xs in rows(rows(drawn(asked)["x"], width), length):
        for t in range(length):
            want += values_alone(asked, [sum(column) / (t + 1) for column in zip(*xs[: t + 1], strict=True)])
    check.close(found["values"], want, abs=ABS, why=why)


def test_the_first_position_sees_itself_only(check: Check) -> None:
    """Position 0 gives wo (wv x) whatever follows it."""
    why = "position 0 must see itself, and nothing else: look at the diagonal of the mask and at what lies above it"
    cases = [case(check, (2, 2, 3), 1), case(check, (1, 5, 4), 1)]
    for found, asked in zip(outputs(check, cases), cases, strict=True):
        _, length, width = asked["shape"]
        firsts = [x for start in rows(drawn(asked)["x"], length * width) for x in values_alone(asked, start[:width])]
        got = [y for start in rows(found, length * width) for y in start[:width]]
        check.close(got, firsts, abs=ABS, why=why)


def test_scores_without_a_scale(check: Check) -> None:
    """A position's query is compared with the keys of the positions so far (vectors of one number have no scale)."""
    why = "for vectors of one number, with neither heads nor scale, the weights are wrong: which are the queries, \
which the keys, and along which dimension does softmax run?"
    signs = {name: [check.rng.uniform(0.7, 2) * check.rng.choice([-1, 1])] for name in MATRICES}
    agree(check, why, [case(check, (2, 4, 1), 1, given=signs), case(check, (1, 3, 1), 1, given=signs)])


def test_one_head_is_scaled(check: Check) -> None:
    """The scores of one head are divided by the square root of its width."""
    why = "with one head the outputs are wrong although a width of 1 may be right: suspect the scale, 1/sqrt(width)"
    agree(check, why, [case(check, (2, 4, width), 1) for width in (2, 5)])


def test_heads_are_slices_joined_in_order(check: Check) -> None:
    """Head h works on its own slice of queries, keys and values, and the heads' outputs are joined in order."""
    why = "with several heads the outputs are wrong: suspect how vectors are cut into heads and joined again"
    # all sizes of the first three differ (batch, positions, width, heads, width of a head), so that no two are mistaken
    asked: list[tuple[tuple[int, int, int], int | None]] = [((2, 5, 12), None), ((3, 5, 8), 4), ((4, 5, 6), 2)]
    asked += [((2, 3, 6), 3), ((1, 4, 5), 5), ((2, 3, 4), None)]
    agree(check, why, [case(check, shape, heads) for shape, heads in asked])
    width = 3  # of a head: swapping two heads in every matrix changes nothing
    first = case(check, (2, 4, 2 * width), 2)
    numbers = drawn(first)
    swapped = {}
    for name in MATRICES:
        matrix = rows(numbers[name], 2 * width)
        matrix = [row[width:] + row[:width] for row in matrix] if name == "wo" else matrix[width:] + matrix[:width]
        swapped[name] = [number for row in matrix for number in row]
    both = agree(check, why, [first, {**first, "given": swapped}])
    check.close(both[0], both[1], abs=ABS, why="two heads that change places in all four matrices must change nothing")


def test_later_positions_change_nothing(check: Check) -> None:
    """An output depends on no later x: neither its value nor its gradient."""
    why = "a later position changes an earlier output: the mask must hide every s > t"
    batch, length, width = 2, 6, 4
    first = case(check, (batch, length, width), 2, incoming=[check.rng.gauss(0, 1) for _ in range(48)])
    numbers, position = drawn(first)["x"], check.rng.randrange(1, length - 1)
    later = [place // width % length > position for place in range(len(numbers))]
    moved = [x + check.rng.uniform(-9, 9) if late else x for x, late in zip(numbers, later, strict=True)]
    second = {**first, "given": {"x": moved}}
    found = outputs(check, [first, second])
    before, after = ([y for y, late in zip(values, later, strict=True) if not late] for values in found)
    check.close(after, before, abs=ABS, why=why)
    check.close(found, [wanted(first), wanted(second)], abs=ABS, why=OTHER)
    slopes = check.learner("slopes", first, position)
    check.close(slopes, tensor(first, [0.0] * len(numbers)), abs=math.inf)
    hidden = [slope for slope, late in zip(slopes["values"], later, strict=True) if late]
    check.close(hidden, [0.0] * len(hidden), why="a later x gets a gradient from an earlier output")
    why = "the gradient of x is wrong where the outputs of one position are asked for"
    check.close(slopes, check.reference("slopes", first, position), abs=ABS, why=why)


def test_large_scores(check: Check) -> None:
    """Scores of thousands, of either sign, leave the mask complete and the outputs finite."""
    why = "with scores of thousands the outputs are wrong: a hidden score must lose against any other, so mask with \
-inf before softmax"
    low, high = check.rng.uniform(85, 95), check.rng.uniform(60, 80)
    given = {"wq": [1.0], "wk": [-1.0], "wv": [0.5], "wo": [-2.0]}  # score of t and s: -x_t x_s, within 1e4
    sequences = ([low, -high, 1.5], [low, low, high, 0.0])
    asked = [case(check, (1, len(xs), 1), 1, given={**given, "x": xs}) for xs in sequences]
    # 1e-8: scores of 1e4 are rounded by 1e-12, and their weights as much
    got = agree(check, why, asked, rel=1e-8, abs=1e-8)
    check.close(got[0]["values"][0], -low, why=why)


def test_gradients(check: Check) -> None:
    """The gradients of x and of all four matrices are those of the formulas."""
    asked: list[tuple[tuple[int, int, int], int | None]] = [((2, 4, 6), 2), ((1, 5, 8), None), ((3, 2, 3), 1)]
    cases = [case(check, shape, heads) for shape, heads in asked]
    for one in cases:
        one["incoming"] = [check.rng.gauss(0, 1) for _ in range(math.prod(one["shape"]))]
    wants = check.reference_each("gradients", [[one] for one in cases])
    gots = check.learner_each("gradients", [[one] for one in cases])
    for name in ("wo", "wv", "wq", "wk", "x"):  # the first that is wrong is named
        why = f"the outputs may be right, the gradient of {name} is not: is every step from {name} differentiable?"
        for got, want in zip(gots, wants, strict=True):
            check.close(got[name] if type(got) is dict and name in got else None, want[name], abs=ABS, why=why)
    one, got = cases[0], gots[0]
    numbers = drawn(one)
    direction = {name: [check.rng.gauss(0, 1) for _ in values] for name, values in numbers.items()}
    ahead = {
        name: [complex(x, STEP * d) for x, d in zip(numbers[name], direction[name], strict=True)] for name in numbers
    }
    change = dot(one["incoming"], output_of(one, ahead)).imag / STEP
    total = sum(dot(got[name]["values"], direction[name]) for name in numbers)
    check.close(total, change, rel=1e-8, abs=1e-8, why="the gradients do not agree with small changes of the outputs")


def test_many_positions(check: Check) -> None:
    """Any number of positions will do, and the order of the earlier ones does not matter to the last."""
    why = "with many positions the outputs are wrong: the mask must have the size of the sequence"
    length, width = 17, 4
    first = case(check, (2, length, width), 2)
    sequences = rows(rows(drawn(first)["x"], width), length)
    for xs in sequences:
        xs[:-1] = check.rng.sample(xs[:-1], length - 1)
    other = {**first, "given": {"x": [number for xs in sequences for x in xs for number in x]}}
    found = outputs(check, [first, other])
    before, after = (rows(values, width)[length - 1 :: length] for values in found)
    check.close(after, before, abs=ABS, why="the last output must not change when earlier positions change places")
    check.close(found[0], wanted(first), abs=ABS, why=why)


def test_sequences_of_a_batch_are_independent(check: Check) -> None:
    """Every sequence of a batch is treated as if it were alone, also where sizes happen to be equal."""
    why = "the sequences of a batch disturb each other: which dimension is the batch, which the positions?"
    for size, heads in ((3, 1), (4, None), (2, 2)):
        batch = case(check, (size, size, size), heads)
        numbers = drawn(batch)
        alone = [case(check, (1, size, size), heads, given={**numbers, "x": x}) for x in rows(numbers["x"], size**2)]
        together, *found = outputs(check, [batch, *alone])
        check.close(found, rows(together, size**2), abs=ABS, why=why)
        check.close(together, wanted(batch), abs=ABS, why=OTHER)


def test_heads_must_share_the_width_evenly(check: Check) -> None:
    """A width that is not divisible by n_head raises ValueError; one that is does not."""
    check.learner("outputs", case(check, (2, 3, 6), 3))
    for width, heads in ((6, None), (5, 2), (4, 3), (3, 6), (2, None)):
        check.raises(ValueError, "outputs", case(check, (2, 3, width), heads))


def test_dtypes_layouts_and_inputs(check: Check) -> None:
    """float32 gives float32 and float64 float64, in any layout, and neither inputs nor settings are changed."""
    incoming = [check.rng.gauss(0, 1) for _ in range(24)]
    small = case(check, (2, 3, 4), 2, dtype="float32", incoming=incoming)
    why = "float32 must give float32"
    (found,) = outputs(check, [small], why=why)
    # float32 rounds by 6e-8; float64 judges the formula
    check.close(found, wanted(small), rel=1e-3, abs=1e-3, why=OTHER)
    check.same("gradients", small, rel=1e-3, abs=1e-3, why="the gradients of float32 tensors are wrong")
    strided = case(check, (2, 3, 4), 2, layout="strided", incoming=incoming)
    agree(check, OTHER, [strided])
    got = check.same("after", strided, why=CHANGED)
    for tensors in (got["tensors"], got["without"]):
        given = {name: tensors[name]["values"] for name in ("x", *MATRICES)}
        check.close([given, got["settings"]], [drawn(strided), []], why=CHANGED)
