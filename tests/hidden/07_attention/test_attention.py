"""Hidden checks of 07_attention (pure): a ladder from the value path alone to everything at once.

Trusted side. Every output is compared with a plain-float attention below and with the reference; gradients with the
reference and with finite differences. Usual tolerance 1e-9: sums of a few dozen terms of size 1, so 1e-15 of rounding.
"""

import math
from typing import Any

from grader.marking.check import Check

Problem = dict[str, Any]
MATRICES = ("wq", "wk", "wv", "wo")
# A central difference with steps of 1e-5 is off by 1e-10 times a third derivative (up to some 1000 here)
STEP, DIFFERENCE = 1e-5, 1e-6


# Attention in plain floats


def product(w: list[list[float]], x: list[float]) -> list[float]:
    """w x."""
    return [sum(a * b for a, b in zip(row, x, strict=True)) for row in w]


def softmax(scores: list[float]) -> list[float]:
    """Probabilities."""
    highest = max(scores)
    exps = [math.exp(score - highest) for score in scores]
    total = sum(exps)
    return [e / total for e in exps]


def attention(given: Problem) -> list[float]:
    """The output for the newest position."""
    x = given["x"]
    d = len(x) // (given["n_head"] or 4)
    q = product(given["wq"], x)
    keys, values = [*given["keys"], product(given["wk"], x)], [*given["values"], product(given["wv"], x)]
    joined = []
    for start in range(0, len(x), d):
        head = slice(start, start + d)
        weights = softmax([score / math.sqrt(d) for score in product([k[head] for k in keys], q[head])])
        joined += [sum(a * v[i] for a, v in zip(weights, values, strict=True)) for i in range(start, start + d)]
    return product(given["wo"], joined)


def in_turn(given: Problem, xs: list[list[float]]) -> list[list[float]]:
    """The outputs of positions 0, 1, 2, ..."""
    keys, values, outputs = [], [], []
    for x in xs:
        outputs.append(attention(given | {"x": x, "keys": keys, "values": values}))
        keys.append(product(given["wk"], x))
        values.append(product(given["wv"], x))
    return outputs


# Inputs


def rows(check: Check, count: int, width: int, std: float = 1.0) -> list[list[float]]:
    """Gaussian numbers."""
    return [[check.rng.gauss(0, std) for _ in range(width)] for _ in range(count)]


def problem(check: Check, width: int, n_head: int | None, earlier: int, std: float = 0.6) -> Problem:
    """One new position after some earlier ones, with attention weights that are neither even nor all on one."""
    cached = {name: rows(check, earlier, width) for name in ("keys", "values")}
    matrices = {name: rows(check, width, width, std) for name in MATRICES}
    return {"x": rows(check, 1, width)[0]} | cached | matrices | {"n_head": n_head}


def decided(check: Check, width: int, n_head: int, earlier: int) -> tuple[Problem, list[int]]:
    """A problem whose heads each look at one position only, whatever scores are divided by; and these positions.

    Each cached key is bent so that its score is some hundreds: above 0 where its head shall look, below 0 elsewhere.
    The new position's own score is about 1, so it is the one where no cached key is above 0.
    """
    d, given = width // n_head, problem(check, width, n_head, earlier)
    q = product(given["wq"], given["x"])
    while min(math.hypot(*q[start : start + d]) for start in range(0, width, d)) < 0.3:
        given["x"] = rows(check, 1, width)[0]
        q = product(given["wq"], given["x"])
    picks = check.rng.sample(range(earlier + 1), n_head)
    for h, pick in enumerate(picks):
        head = slice(h * d, h * d + d)
        for s, key in enumerate(given["keys"]):
            size = check.rng.uniform(200, 600)
            wanted = size if s == pick else -size
            factor = (wanted - product([key[head]], q[head])[0]) / product([q[head]], q[head])[0]
            key[head] = [k + factor * x for k, x in zip(key[head], q[head], strict=True)]
    return given, picks


def picked(given: Problem, picks: list[int]) -> list[float]:
    """The output where head h looks at position picks[h] only."""
    values = [*given["values"], product(given["wv"], given["x"])]
    d = len(given["x"]) // len(picks)
    return product(given["wo"], [x for h, pick in enumerate(picks) for x in values[pick][h * d : h * d + d]])


def outputs(check: Check, cases: list[Problem], want: list[list[float]], why: str) -> None:
    """Compare with the reference and with numbers that were computed here."""
    check.close(check.same_each("output", [[given] for given in cases], why=why), want, why=why)


# The ladder


def test_one_position_alone(check: Check) -> None:
    """The first position can look at itself only: its output is wo (wv x)."""
    cases = [problem(check, width, 1, 0) for width in (3, 4, 6)]
    want = [product(given["wo"], product(given["wv"], given["x"])) for given in cases]
    why = "with one position every attention weight is 1; look at the path of the value: wv, then wo"
    outputs(check, cases, want, why)


def test_even_weights(check: Check) -> None:
    """Where the query is 0, every position so far counts alike, the new one too: out is wo times the mean value."""
    cases = [problem(check, 4, 1, earlier) for earlier in (1, 3, 4)]
    want = []
    for given in cases:
        given["wq"] = [[0.0] * 4 for _ in range(4)]
        values = [*given["values"], product(given["wv"], given["x"])]
        mean = [sum(column) / len(values) for column in zip(*values, strict=True)]
        want.append(product(given["wo"], mean))
    why = (
        "all scores are 0, so the output is wo times the mean of all values: which positions, and which vectors, count?"
    )
    outputs(check, cases, want, why)


def test_one_head_finds_the_best_key(check: Check) -> None:
    """The position whose key has the largest dot product with the query (wq x) gets the weight."""
    cases = [decided(check, 4, 1, earlier) for earlier in (2, 3, 4)]
    why = "one head, one key far ahead of the others, and the output is not that position's value: look at q . k"
    outputs(check, [given for given, _ in cases], [picked(*case) for case in cases], why)


def test_heads_are_slices_joined_in_order(check: Check) -> None:
    """Head h compares, and hands over, the numbers h*d to (h+1)*d - 1; the heads' outputs are joined in order."""
    cases = [decided(check, 4, 2, 3), decided(check, 6, 3, 4), decided(check, 6, 2, 2)]
    why = (
        "each head looks at one position only, and their outputs together are wrong: look at the slices and at the join"
    )
    outputs(check, [given for given, _ in cases], [picked(*case) for case in cases], why)


def test_scores_are_scaled(check: Check) -> None:
    """Scores are divided by the square root of the head's own width, and softmax is taken over positions, per head."""
    cases = [problem(check, width, n_head, 3) for width, n_head in ((4, 1), (4, 2), (6, 2), (6, 3))]
    why = "the weights are between even and all on one, and wrong: what are the scores divided by, and what shares 1?"
    outputs(check, cases, [attention(given) for given in cases], why)


def test_any_number_of_heads(check: Check) -> None:
    """Any n_head that divides the width works, up to one number per head, and without one there are 4 heads."""
    sizes = ((8, None), (4, 4), (6, 2), (5, 1), (5, 5))
    cases = [problem(check, width, n_head, 2) for width, n_head in sizes]
    outputs(
        check, cases, [attention(given) for given in cases], "a number of heads among 1, 2, 4 (the default) and C fails"
    )
    named = problem(check, 6, 3, 2)
    check.close(check.same("named_output", named), attention(named), why="called with names, the output is wrong")


def test_positions_in_turn(check: Check) -> None:
    """Sixteen positions fed in turn with the same lists: each attends over itself and all before it."""
    given, xs = problem(check, 4, 2, 0), rows(check, 16, 4)
    why = "positions fed one after the other, each appending to the same lists: some output is wrong"
    check.close(check.same("in_turn", given, xs, why=why), in_turn(given, xs), why=why)


def test_later_positions_change_nothing(check: Check) -> None:
    """The outputs of the first positions are the same whatever comes later, and whether anything does."""
    given, xs = problem(check, 4, 2, 0), rows(check, 5, 4)
    runs = [xs, xs[:2], xs[:2] + rows(check, 2, 4, 3.0)]
    why = "an early output depends on what was fed later, or in an earlier run with other lists"
    first = [run[:2] for run in check.same_each("in_turn", [[given, run] for run in runs], why=why)]
    check.close(first[1:], [first[0], first[0]], why=why)


def test_permutations_change_nothing(check: Check) -> None:
    """Neither another order of the earlier positions nor another order of the heads changes the output."""
    given = problem(check, 4, 2, 4)
    order = [2, 0, 3, 1]
    shuffled = given | {name: [given[name][s] for s in order] for name in ("keys", "values")}
    halves = {name: [row[2:] + row[:2] for row in given[name]] for name in ("keys", "values", "wo")}
    swapped = given | halves | {name: given[name][2:] + given[name][:2] for name in ("wq", "wk", "wv")}
    why = "the output changes when earlier positions, or the two heads, are put in another order"
    base, *others = check.same_each("output", [[given], [shuffled], [swapped]], why=why)
    check.close(others, [base, base], why=why)


# The caches


def test_one_key_and_one_value_are_appended(check: Check) -> None:
    """Each call appends wk x to `keys` and wv x to `values`, full width, and leaves earlier entries as they are."""
    for n_head, earlier, calls in ((2, 3, 1), (1, 0, 2)):
        given = problem(check, 4, n_head, earlier)
        why = "after the call, `keys` and `values` must hold what they held, then wk x and wv x: C Values each"
        got = check.same("caches", given, calls, why=why)
        for name, w in (("keys", "wk"), ("values", "wv")):
            check.close(got[name], given[name] + [product(given[w], given["x"])] * calls, why=why)
            check.require(got[f"earlier {name}"], "an entry of `keys` or `values` from before the call was changed")


# Gradients, by way of whatever backward is there


def moved(lines: list[list[float]], i: int, j: int, change: float) -> list[list[float]]:
    """A copy in which one number is another."""
    return [[x + change * ((i, j) == (row, column)) for column, x in enumerate(xs)] for row, xs in enumerate(lines)]


def difference(given: Problem, weights: list[float], name: str, i: int, j: int) -> float:
    """The finite difference of a weighted sum of the outputs, by a single number of the problem."""

    def loss(change: float) -> float:
        if name == "x":
            return product([weights], attention(given | {"x": moved([given["x"]], 0, j, change)[0]}))[0]
        return product([weights], attention(given | {name: moved(given[name], i, j, change)}))[0]

    return (loss(STEP) - loss(-STEP)) / (2 * STEP)


def test_gradients_of_all_inputs(check: Check) -> None:
    """The gradients reach x, the four matrices, and the keys and values of earlier positions."""
    why = "the outputs may be right, their gradients are not: is everything between inputs and output made of Values?"
    cases = [[problem(check, 4, n_head, 3), rows(check, 1, 4)[0]] for n_head in (1, 2)]
    for (given, weights), got in zip(cases, check.same_each("gradients", cases, why=why), strict=True):
        places = [(name, check.rng.randrange(len(got[name])), check.rng.randrange(4)) for name in got]
        want = [difference(given, weights, *place) for place in places]
        check.close([got[name][i][j] for name, i, j in places], want, rel=1e-5, abs=DIFFERENCE, why=why)


def test_gradients_reach_earlier_positions(check: Check) -> None:
    """An output has gradients by the x of all earlier positions, by way of their keys and values, and by no later x."""
    given, xs, weights = problem(check, 4, 2, 0), rows(check, 5, 4), rows(check, 1, 4)[0]
    why = "positions fed in turn: gradients must flow into earlier positions by way of the cached keys and values"
    found = check.same_each("gradients_in_turn", [[given, xs, t, weights] for t in (4, 2)], why=why)
    for t, got in zip((4, 2), found, strict=True):
        s, j = check.rng.randrange(t), check.rng.randrange(4)
        above, below = (product([weights], in_turn(given, moved(xs, s, j, h))[t])[0] for h in (STEP, -STEP))
        check.close(got["xs"][s][j], (above - below) / (2 * STEP), rel=1e-5, abs=DIFFERENCE, why=why)
    check.close(found[1]["xs"][3:], [[0.0] * 4] * 2, why="an output has a gradient by the x of a later position")


# Extremes


def test_large_scores(check: Check) -> None:
    """Scores of thousands neither overflow nor spoil the gradients."""
    cases = []
    for width, n_head in ((4, 2), (3, 1)):
        given = problem(check, width, n_head, 3)
        d, q = width // n_head, product(given["wq"], given["x"])
        keys = [*given["keys"], product(given["wk"], given["x"])]
        sizes = [abs(a * b) for k in keys for a, b in zip(k, q, strict=True)]
        factor = check.rng.uniform(6e3, 9e3) / (max(sizes) * d)  # scores stay within 1e4
        cases.append([given | {"wq": [[w * factor for w in row] for row in given["wq"]]}, rows(check, 1, width)[0]])
    why = "scores of some thousands (large wq) break the output or its gradients"
    # a score near 1e4 is rounded to 2e-12, and gradients of x are multiplied by a wq of up to 1e4
    got = check.same_each("output", [[given] for given, _ in cases], abs=1e-9, why=why)
    check.close(got, [attention(given) for given, _ in cases], abs=1e-9, why=why)
    check.same_each("gradients", cases, rel=1e-7, abs=1e-7, why=why)


def test_heads_must_divide_the_width(check: Check) -> None:
    """A width that n_head does not divide raises ValueError, before anything is appended; others do not."""
    check.learner("output", problem(check, 6, 3, 1))
    for width, n_head in ((4, 3), (6, None), (4, 8)):
        given = problem(check, width, n_head, check.rng.randrange(1, 4))
        check.raises(ValueError, "refused", given)
        check.same("after_refusal", given, why="ValueError is right, but a key or a value was appended before it")


def test_only_operations_of_step_01(check: Check, only_six_operations: Any) -> None:
    """The output is right, and each Value behind it is made by one operation of step 01, with its derivatives."""
    given = problem(check, 4, 2, 2)
    only_six_operations(check.learner("graph", given), attention(given))
