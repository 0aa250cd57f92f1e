"""Hidden tests of 03_softmax, torch track. Each asks `probes_torch.py` for plain data and compares it.

Expected values come twice: from the reference, and from the formulas below, which are computed in plain Python.
"""

from __future__ import annotations

import itertools
import math
from typing import Any

from grader.marking.check import Check

PROBABILITIES = "the probabilities are wrong"
SOFTMAX_GRADIENT = "the probabilities may be right, the gradient of softmax is not: is every step of it differentiable?"
LOSS = "the loss is wrong"
LOSS_GRADIENT = "the loss may be right, its gradient is not: it is (softmax - onehot) / number of targets kept"
CHANGED = "something is changed: a tensor that was given, or a global setting"


def tensor(shape: list[int], values: list[float], dtype: str = "float64") -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "values": values}


def numbers(check: Check, *shape: int, size: float = 3.0, dtype: str = "float64") -> dict[str, Any]:
    return tensor(list(shape), [check.rng.uniform(-size, size) for _ in range(math.prod(shape))], dtype)


def slices(shape: list[int], dim: int) -> list[list[int]]:
    """For every slice along `dim`, where its elements stand in the flat list of values."""
    dim %= len(shape)
    strides = [math.prod(shape[i + 1 :]) for i in range(len(shape))]
    others = [range(n) for i, n in enumerate(shape) if i != dim]
    found = []
    for place in itertools.product(*others):
        start = sum(i * s for i, s in zip(place, strides[:dim] + strides[dim + 1 :], strict=True))
        found.append([start + i * strides[dim] for i in range(shape[dim])])
    return found


def probabilities(x: list[float]) -> list[float]:
    """The softmax of one slice."""
    exps = [math.exp(number - max(x)) for number in x]
    return [e / math.fsum(exps) for e in exps]


def softmax_of(given: dict[str, Any], dim: int) -> dict[str, Any]:
    values = [0.0] * len(given["values"])
    for places in slices(given["shape"], dim):
        for place, p in zip(places, probabilities([given["values"][i] for i in places]), strict=True):
            values[place] = p
    return tensor(given["shape"], values, given["dtype"])


def gradient_of(given: dict[str, Any], dim: int, incoming: dict[str, Any]) -> dict[str, Any]:
    """dL/dx_i = p_i (g_i - sum_j p_j g_j)."""
    p, g = softmax_of(given, dim)["values"], incoming["values"]
    values = [0.0] * len(p)
    for places in slices(given["shape"], dim):
        mean = math.fsum(p[i] * g[i] for i in places)
        for i in places:
            values[i] = p[i] * (g[i] - mean)
    return tensor(given["shape"], values, given["dtype"])


def rows_of(logits: dict[str, Any]) -> list[list[float]]:
    return [[logits["values"][i] for i in places] for places in slices(logits["shape"], 1)]


def loss_of(logits: dict[str, Any], targets: list[int], ignored: int = -1) -> float:
    """The mean of ln(sum_j e^(x_j - m)) - (x_t - m) over the targets kept."""
    losses = []
    for row, target in zip(rows_of(logits), targets, strict=True):
        if target != ignored:
            losses.append(math.log(math.fsum(math.exp(x - max(row)) for x in row)) - (row[target] - max(row)))
    return math.fsum(losses) / len(losses) if losses else 0.0


def loss_gradient_of(logits: dict[str, Any], targets: list[int], ignored: int = -1, incoming: float = 1.0) -> dict:
    """(softmax - onehot) / number of targets kept, and 0 in the other rows."""
    kept = sum(target != ignored for target in targets)
    values = []
    for row, target in zip(rows_of(logits), targets, strict=True):
        p = probabilities(row)
        values += [incoming * (p[i] - (i == target)) / kept if target != ignored else 0.0 for i in range(len(row))]
    return tensor(logits["shape"], values, logits["dtype"])


def agree(check: Check, why: str, probe: str, cases: list[tuple[list, Any]], rel: float = 1e-9) -> list:
    """The learner's answers to (arguments, wanted answer) against the reference's and against the wanted ones."""
    got = check.same_each(probe, [args for args, _ in cases], rel=rel, why=why)
    check.close(got, [want for _, want in cases], rel=rel, why=why)
    return got


def agree_on_loss(check: Check, why: str, asked: list[tuple[dict, list[int], int | None]]) -> None:
    """Loss and gradient for (logits, targets, ignore_index); an index of None is left to the default, -1."""
    losses, gradients = [], []
    for logits, targets, given in asked:
        ignored = -1 if given is None else given
        losses.append(([logits, targets, given], scalar(loss_of(logits, targets, ignored))))
        gradients.append(([logits, targets, given, 1.0], loss_gradient_of(logits, targets, ignored)))
    agree(check, why, "loss", losses)
    agree(check, why, "loss_gradient", gradients)


def scalar(value: float, dtype: str = "float64") -> dict[str, Any]:
    return tensor([], [value], dtype)


def test_probabilities_are_right(check: Check) -> None:
    """softmax gives e^x over the sum of e^x along the last dimension: positive numbers that add up to 1."""
    tensors = [numbers(check, *shape) for shape in ([5], [3, 4], [1, 1], [4, 1], [2, 3, 4])]
    cases = [([given, None], softmax_of(given, -1)) for given in tensors]
    for got in agree(check, PROBABILITIES, "probabilities", cases):
        for places in slices(got["shape"], -1):
            check.close(math.fsum(got["values"][i] for i in places), 1.0, why="the probabilities do not add up to 1")
    given, shift = numbers(check, 3, 4), check.rng.uniform(5, 50)
    moved = {**given, "values": [x + shift for x in given["values"]]}
    # 1e-9: adding the shift rounds each logit by up to 1e-14
    why = "one number added to all logits must change nothing"
    agree(check, why, "probabilities", [([moved, -1], softmax_of(given, -1))])


def test_any_dimension(check: Check) -> None:
    """softmax works along any dimension, counted from the front or from the back."""
    why = "the probabilities along another dimension than the last are wrong: is dim used in every step?"
    dims = (([3, 4], (0, 1, -1, -2)), ([2, 3, 4], (0, 1, 2, -2, -3)), ([4], (0,)), ([2, 2, 3, 2], (1, -3)))
    asked = [(numbers(check, *shape), dim, numbers(check, *shape)) for shape, some in dims for dim in some]
    strided = {**numbers(check, 3, 4), "layout": "strided"}
    cases = [([given, dim], softmax_of(given, dim)) for given, dim, _ in [*asked, (strided, 0, None)]]
    agree(check, why, "probabilities", cases)
    gradients = [([given, dim, incoming], gradient_of(given, dim, incoming)) for given, dim, incoming in asked]
    agree(check, SOFTMAX_GRADIENT, "gradient", gradients)


def test_large_logits(check: Check) -> None:
    """Logits up to 1e4 in size overflow nowhere, and a row far below another one is treated alike."""
    why = "large logits give wrong probabilities: is the maximum of each slice taken away first?"
    low, high = -1e4 + check.rng.uniform(0, 3), 1e4 - check.rng.uniform(0, 3)
    given = tensor([4, 3], [high, high - 1, low, low, low + 2, low - 0.5, high, 0.5, low, 700.0, 710.0, 720.0])
    incoming = numbers(check, 4, 3)
    agree(check, why, "probabilities", [([given, dim], softmax_of(given, dim)) for dim in (0, 1)])
    agree(check, why, "gradient", [([given, dim, incoming], gradient_of(given, dim, incoming)) for dim in (0, 1)])
    # in float32 a logit of 1e4 is rounded by up to 5e-4, and so is ln p; whole numbers are exact
    whole = tensor([2, 3], [1e4, 1e4 - 1, -1e4, -1e4, -1e4 + 2, 3 - 1e4], "float32")
    agree(check, why, "probabilities", [([whole, 1], softmax_of(whole, 1))], rel=1e-3)


def test_minus_infinity(check: Check) -> None:
    """An entry of -inf gets probability and gradient exactly 0, and the others are as if it were not there."""
    why = "an entry of -inf must get exactly 0, as probability and as gradient, and disturb no other entry"
    given, incoming = numbers(check, 4, 5), numbers(check, 4, 5)
    finite = [check.rng.randrange(5) for _ in range(4)]
    for row, keep in enumerate(finite):
        for column in check.rng.sample([i for i in range(5) if i != keep], row + 1):
            given["values"][row * 5 + column] = -math.inf
    hidden = [i for i, x in enumerate(given["values"]) if x == -math.inf]
    other = tensor([3, 2], [check.rng.uniform(-3, 3), 0.5, -math.inf, -math.inf, -math.inf, 1.5])
    cases = [([given, 1], softmax_of(given, 1)), ([other, 0], softmax_of(other, 0))]
    p = agree(check, why, "probabilities", cases)[0]
    (gradient,) = agree(check, why, "gradient", [([given, 1, incoming], gradient_of(given, 1, incoming))])
    check.require(all(got["values"][i] == 0.0 for got in (p, gradient) for i in hidden), why)


def test_gradient_of_softmax(check: Check) -> None:
    """The gradient of softmax is p (g - sum of p g) when g arrives, along each slice by itself."""
    pairs = [(numbers(check, *shape), numbers(check, *shape)) for shape in ([4], [3, 5], [2, 3, 4])]
    cases = [([given, None, incoming], gradient_of(given, -1, incoming)) for given, incoming in pairs]
    tied = tensor([2, 3], [1.5, 1.5, -0.5, 2.0, 2.0, 2.0])  # the maximum stands more than once
    incoming = numbers(check, 2, 3)
    cases.append(([tied, -1, incoming], gradient_of(tied, -1, incoming)))
    agree(check, SOFTMAX_GRADIENT, "gradient", cases)


def test_an_empty_dimension(check: Check) -> None:
    """softmax along a dimension of size 0 raises ValueError; along one of size 1 it does not."""
    check.learner("probabilities", tensor([2, 1], [0.5, -1.0]), -1)
    for shape, dim in (([0], None), ([2, 0], -1), ([0, 3], 0), ([2, 0, 3], 1), ([2, 0, 3], -2)):
        check.raises(ValueError, "probabilities", tensor(shape, []), dim)


def test_cross_entropy_is_right(check: Check) -> None:
    """cross_entropy is the mean of -ln softmax(row)[target], as a scalar."""
    count, width = check.rng.randint(3, 6), check.rng.randint(4, 7)
    cases = []
    for shape in ([1, width], [count, width], [count, count]):
        logits, targets = numbers(check, *shape), [check.rng.randrange(shape[1]) for _ in range(shape[0])]
        cases.append(([logits, targets, None], scalar(loss_of(logits, targets))))
    agree(check, LOSS, "loss", cases)
    same = tensor([2, width], [check.rng.uniform(-3, 3)] * (2 * width))
    cases = [([same, [0, width - 1], None], scalar(math.log(width)))]
    agree(check, "equal logits must give ln(number of logits)", "loss", cases)


def test_gradient_of_cross_entropy(check: Check) -> None:
    """The gradient of cross_entropy is (softmax - onehot) / N."""
    cases = []
    for shape in ([1, 4], [5, 3], [4, 4]):
        logits, targets = numbers(check, *shape), [check.rng.randrange(shape[1]) for _ in range(shape[0])]
        incoming = check.rng.uniform(0.5, 3)
        cases.append(([logits, targets, None, incoming], loss_gradient_of(logits, targets, incoming=incoming)))
    agree(check, LOSS_GRADIENT, "loss_gradient", cases)


def test_underflow(check: Check) -> None:
    """Where the target's probability is too small for a float, the loss is finite and its gradient right."""
    why = "where the probability underflows to 0, the loss must stay finite: use ln(sum e^(x-m)) - (x_t - m), not ln(p)"
    gap = check.rng.uniform(1000, 9000)
    asked = []
    for values in ([gap, 0.5, -1.0, 2.0], [-gap, 3.0, 2.0, -1.0], [1e4, -1e4, 0.0, 1e4 - 0.5]):
        for row in range(2):
            logits = numbers(check, 2, 4)
            logits["values"][row * 4 : row * 4 + 4] = values
            target = [check.rng.randrange(4), check.rng.randrange(4)]
            target[row] = min(range(4), key=values.__getitem__)
            asked.append((logits, target, None))
    agree_on_loss(check, why, asked)


def test_ignored_targets(check: Check) -> None:
    """Rows whose target is ignore_index count neither in the sum nor in the number, and get a gradient of 0."""
    why = "rows whose target is ignore_index must count neither in the sum nor in the number of rows"
    asked = []
    for given in (None, -1, -100, 2, 0, 9):
        ignored = -1 if given is None else given
        logits = numbers(check, 6, 4)
        targets = [check.rng.choice([i for i in range(4) if i != ignored]) for _ in range(6)]
        for row in check.rng.sample(range(6), check.rng.randint(2, 4)):
            targets[row] = ignored
        asked.append((logits, targets, given))
    asked.append((numbers(check, 3, 1), [0, -1, 0], None))  # one class: no other target can stand for "none"
    agree_on_loss(check, why, asked)


def test_targets_outside(check: Check) -> None:
    """A target outside 0..V-1 that is not ignore_index raises IndexError, wherever it stands; no other target does."""
    width = check.rng.randint(4, 6)
    check.learner("loss", numbers(check, 4, width), [0, width - 1, -1, 1], None)
    for bad, ignored in ((width, None), (-2, None), (-width, None), (100, None), (-1, -100), (-1, 0), (-100, -1)):
        targets = [check.rng.randint(1, width - 1) for _ in range(4)]
        targets[check.rng.randrange(4)] = bad
        check.raises(IndexError, "loss", numbers(check, 4, width), targets, ignored)


def test_no_target_kept(check: Check) -> None:
    """Without any target to keep the loss is 0.0, and backward gives gradients of 0."""
    why = "without any target to keep, the loss is 0.0 and its gradient 0 everywhere: not NaN, and not unconnected"
    logits = numbers(check, 3, 4)
    agree_on_loss(check, why, [(logits, targets, given) for targets, given in (([-1] * 3, None), ([2] * 3, 2))])


def test_dtypes_and_inputs(check: Check) -> None:
    """float32 gives float32 and float64 float64, and neither the inputs nor any global setting are changed."""
    # float32 rounds by 6e-8; float64 judges the formula, so that a thousandth is close enough there
    for dtype, rel in (("float32", 1e-3), ("float64", 1e-9)):
        logits, targets = numbers(check, 3, 4, dtype=dtype), [check.rng.randrange(4) for _ in range(3)]
        incoming = numbers(check, 3, 4, dtype=dtype)
        why = "float32 must give float32 and float64 float64"
        check.same("probabilities", logits, 0, rel=rel, abs=rel / 10, why=why)
        check.same("gradient", logits, 0, incoming, rel=rel, abs=rel / 10, why=why)
        check.same("loss", logits, targets, None, rel=rel, abs=rel / 10, why=why)
        check.same("loss_gradient", logits, targets, None, 1.0, rel=rel, abs=rel / 10, why=why)
    logits, targets = numbers(check, 3, 4), [2, -1, 0]
    got = check.same("after", logits, targets, why=CHANGED)
    check.close([got["logits"], got["targets"], got["settings"]], [[logits, logits], targets, []], why=CHANGED)
