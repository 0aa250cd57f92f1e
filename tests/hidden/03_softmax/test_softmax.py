"""Hidden checks of 03_softmax (pure): probabilities, the loss, their gradients, and the graphs behind them.

Trusted side. Everything is compared with a closed form in plain floats and with the reference. Usual tolerance 1e-9: a
few roundings of 1e-16. With logits near 1e4 one rounding of a logit is 2e-12, so there the absolute one is 1e-10.
"""

import math
from collections.abc import Callable
from typing import Any

from grader.marking.check import Check

AT_1E4 = 1e-10


def softmax(logits: list[float]) -> list[float]:
    """Probabilities in plain floats."""
    highest = max(logits)
    exps = [math.exp(x - highest) for x in logits]
    total = math.fsum(exps)
    return [e / total for e in exps]


def losses(logits: list[float]) -> list[float]:
    """-ln of each probability."""
    highest = max(logits)
    total = math.fsum(math.exp(x - highest) for x in logits)
    return [math.log(total) - (x - highest) for x in logits]


def loss_gradient(logits: list[float], target: int) -> list[float]:
    """softmax - onehot(target)."""
    return [p - (i == target) for i, p in enumerate(softmax(logits))]


def jacobian(logits: list[float]) -> list[list[float]]:
    """d p_i / d x_j = p_i (1 if i is j, else 0, minus p_j)."""
    p = softmax(logits)
    return [[p[i] * ((i == j) - p[j]) for j in range(len(p))] for i in range(len(p))]


def some_logits(check: Check, count: int) -> list[float]:
    """Logits of moderate size, all different."""
    return [check.rng.uniform(-3, 3) for _ in range(count)]


def tied_logits(check: Check) -> list[float]:
    """Five logits of which two share the maximum."""
    low, high = check.rng.uniform(-2, 0), check.rng.uniform(1, 2)
    return [low, high, low - 0.5, high, check.rng.uniform(0, 0.9)]


def test_probabilities(check: Check) -> None:
    """softmax gives e^(x_i) divided by the sum of all e^(x_j), as a list of Values in the order of the logits."""
    cases = [*(some_logits(check, count) for count in (2, 5, 27)), tied_logits(check)]
    got = check.same_each("probabilities", [[logits] for logits in cases])
    check.close(got, [softmax(logits) for logits in cases])
    check.same("named_probabilities", cases[-1])


def test_probabilities_add_up_to_one(check: Check) -> None:
    """Probabilities are positive and add up to 1; a single logit has all of it."""
    for p in check.same_each("probabilities", [[some_logits(check, count)] for count in (1, 3, 40)]):
        check.require(all(x > 0 for x in p), "a probability is not positive")
        check.close(math.fsum(p), 1.0, why="the probabilities do not add up to 1")


def test_a_shift_changes_nothing(check: Check) -> None:
    """One number added to all logits leaves the probabilities as they are."""
    logits, shift = some_logits(check, 6), check.rng.choice([-1, 1]) * check.rng.uniform(20, 300)
    before, after = check.same_each("probabilities", [[logits], [[x + shift for x in logits]]])
    check.close(after, before, abs=AT_1E4, why="the answer changes when one number is added to all logits")


def test_large_logits(check: Check) -> None:
    """Logits of +-1e4 give finite probabilities, and gradients to go with them."""
    a, b = check.rng.uniform(0.3, 2), check.rng.uniform(0.3, 2)
    cases = [
        [1e4 - a, -1e4, 1e4, 1e4 - a - b],
        [-1e4, b - 1e4, -1e4 + a + b],
        [-1e4 + a, 1e4 - b],
        [check.rng.uniform(-1e4, 1e4) for _ in range(5)],
        [700 + a, 720 + b, -720 - a],
    ]
    why = "logits of thousands overflow or lose their probabilities: what may be taken from every logit first?"
    got = check.same_each("probabilities", [[logits] for logits in cases], abs=AT_1E4, why=why)
    check.close(got, [softmax(logits) for logits in cases], abs=AT_1E4, why=why)
    few = cases[1:3] + cases[4:]
    got = check.same_each("jacobian", [[logits] for logits in few], abs=AT_1E4, why=why)
    check.close(got, [jacobian(logits) for logits in few], abs=AT_1E4, why=why)


def test_gradients_of_probabilities(check: Check) -> None:
    """d p_i / d x_j is p_i * (1 - p_i) where i is j, and -p_i * p_j elsewhere, ties for the highest logit included."""
    why = "the probabilities may be right, their gradients are not: does every logit reach every probability?"
    cases = [some_logits(check, 4), tied_logits(check), some_logits(check, 1)]
    got = check.same_each("jacobian", [[logits] for logits in cases], why=why)
    check.close(got, [jacobian(logits) for logits in cases], why=why)


def test_no_logits(check: Check) -> None:
    """softmax of an empty list raises ValueError; a list of one logit does not."""
    check.raises(ValueError, "empty")
    check.learner("probabilities", some_logits(check, 1))


def test_loss(check: Check) -> None:
    """cross_entropy is -ln of the probability of the target."""
    cases = [some_logits(check, 4), some_logits(check, 7), tied_logits(check), some_logits(check, 1)]
    check.close(check.same_each("losses", [[logits] for logits in cases]), [losses(logits) for logits in cases])
    named = [[logits, check.rng.randrange(len(logits))] for logits in cases]
    check.close(check.same_each("one_loss", named), [losses(logits)[target] for logits, target in named])


def test_gradient_of_the_loss(check: Check) -> None:
    """The gradient of cross_entropy is softmax(x) - onehot(target), and reaches what the logits were made from."""
    why = "the loss may be right, its gradient is not: does every logit reach the loss?"
    ties = tied_logits(check)
    cases = [[some_logits(check, 6), 4], [some_logits(check, 2), 0], [ties, 1], [ties, 3], [ties, 2]]
    got = check.same_each("loss_gradient", cases, why=why)
    check.close(got, [loss_gradient(*case) for case in cases], why=why)
    weights, scale = some_logits(check, 5), check.rng.uniform(0.5, 1.5)
    inner = loss_gradient([w * scale for w in weights], 2)
    want = [g * scale for g in inner] + [math.fsum(g * w for g, w in zip(inner, weights, strict=True))]
    check.close(check.same("through_weights", weights, scale, 2, why=why), want, why=why)


def test_loss_where_the_probability_underflows(check: Check) -> None:
    """Where the target's probability is too small for a float, the loss is finite and its gradient still right."""
    a, gap = check.rng.uniform(0.3, 2), check.rng.uniform(800, 4_900)
    cases = [[0.5, -gap, 0.5 - a], [a, 1e4, -1e4], [-1e4, 1e4 - a, 1e4], [2 * gap, -2 * gap], [-a, -gap, -2 * gap, a]]
    why = "the probability of the target is 0 as a float, and the loss or its gradient is wrong there"
    got = check.same_each("losses", [[logits] for logits in cases], abs=AT_1E4, why=why)
    check.close(got, [losses(logits) for logits in cases], abs=AT_1E4, why=why)
    targets = [[logits, target] for logits in cases for target in range(len(logits))]
    got = check.same_each("loss_gradient", targets, abs=AT_1E4, why=why)
    check.close(got, [loss_gradient(*case) for case in targets], abs=AT_1E4, why=why)


def test_target_outside_the_logits(check: Check) -> None:
    """A target below 0 or at the number of logits raises IndexError; the first and the last do not."""
    logits = some_logits(check, 4)
    check.learner_each("one_loss", [[logits, 0], [logits, 3]])
    for target in (4, 4 + check.rng.randrange(1, 9), -1, -4, -5):
        check.raises(IndexError, "one_loss", logits, target)


def grows_linearly(check: Check, probe: str, values: Callable[[list[float]], list[float]], why: str) -> None:
    """Fail unless a graph of the right values grows in step with the number of logits."""
    counts = (4, 16, 64)
    cases = [some_logits(check, count) for count in counts]
    answers = check.learner_each(probe, [[logits] for logits in cases])
    sizes = [answer.get("size") if type(answer) is dict else None for answer in answers]
    check.require([type(size) for size in sizes] == [int, int, int], "the answer has wrong parts")
    for answer, logits in zip(answers, cases, strict=True):
        wrong = "the graph is of wrong values: those have to be right first"
        check.close(answer.get("values"), values(logits), why=wrong)
    whole = all(size > 2 * count for size, count in zip(sizes, counts, strict=True))  # a logit, and an edge to it
    check.require(whole, "the graph does not reach the logits: is everything made from Values?")
    small, medium, large = sizes
    # from 16 to 64 logits a linear graph grows four times as much as from 4 to 16, a quadratic one sixteen times; the
    # limit is between them, as which logit is the largest or the target may cost a few nodes more or less
    check.require(large < 50_000 and large - medium <= 8 * (medium - small), why)


def test_the_graph_of_softmax_grows_linearly(check: Check) -> None:
    """Twice the logits make twice the graph of right probabilities, nodes and edges together."""
    why = "the graph grows faster than the logits: what is computed again for each?"
    grows_linearly(check, "softmax_size", softmax, why)


def test_the_graph_of_the_loss_grows_linearly(check: Check) -> None:
    """Twice the logits make twice the graph of a right cross_entropy, nodes and edges together."""
    why = "the graph grows faster than the logits: what is computed again for each?"
    grows_linearly(check, "loss_size", lambda logits: [losses(logits)[3]], why)


def test_only_operations_of_step_01(check: Check, only_six_operations: Any) -> None:
    """The numbers are right, and each Value behind them is made by one operation of step 01, with its derivatives."""
    logits = some_logits(check, 6)
    for probe, args, want in (
        ("softmax_graph", [logits], softmax(logits)),
        ("loss_graph", [logits, 2], [losses(logits)[2]]),
    ):
        only_six_operations(check.learner(probe, *args), want)
