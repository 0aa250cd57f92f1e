"""Hidden tests of 10_sampling, torch track. Each asks `probes_torch.py` for plain data and compares it.

Which token a generator draws is not promised. So draws are judged by what every right way of drawing has in common:
how often each token comes, which never come, and that one state of the generator gives one answer.
"""

from __future__ import annotations

import math
from typing import Any

from grader.marking.check import Check

GREEDY = "at temperature 0 it is the place of the highest logit, and the lowest place where several are highest"
NEGATIVE = "a negative temperature must raise ValueError"
OFTEN = "tokens are not drawn as often as softmax(logits / temperature) says"
NEVER = "a token of probability 0 was drawn: think of random numbers at the very ends, and of sums just below 1"
LARGE = "logits of 1e4 in size must be drawn from as all others are"
REPEATS = "the same state of the given generator must give the same draws: nothing else may be drawn from"
GLOBAL = "without a generator torch's global one is drawn from, and with one the global one must not move"
CHANGED = "something is changed: the logits, or a global setting"
WHOLE = "the greedy text is wrong: is the model asked with BOS and everything so far, and its last position read?"
STOPS = "the text must end where BOS is drawn, without it"
LENGTH = "the text has the wrong length: it ends with min(max_len, block_size) characters at most"
WARMTH = "generate does not draw at the temperature it is given, or at 0.5 where it is given none"
LEFT = "generate changes something: the state, a gradient, or a global setting"

DRAWS = 60  # of 40 some seeds could not tell a temperature that is not used; of 60, none in 20,000 tries
SURE = 1e-12  # what is less likely than this does not happen to a right answer: we ask some 30 times a run
DOCS = ["abcd", "dcba"]
MANY = ["abcdefghijklmnopqrstuvwxyzäöü"]  # 30 tokens: a few draws tell much


def tensor(values: list[float], dtype: str = "float64") -> dict[str, Any]:
    return {"dtype": dtype, "shape": [len(values)], "values": values}


def seed(check: Check) -> int:
    return check.rng.randrange(10**6)


def indices(check: Check, found: Any, count: int, size: int, why: str) -> list[int]:
    """A learner's draws, which must be `count` places of `size` logits."""
    check.require(type(found) is list and len(found) == count, why)
    check.require(all(type(i) is int and 0 <= i < size for i in found), why)
    return found


def tail(count: int, p: float, seen: int) -> float:
    """How likely something of probability p comes so often, or so seldom, in `count` draws: the smaller of the two."""
    chances = [math.comb(count, k) * p**k * (1 - p) ** (count - k) for k in range(count + 1)]
    return min(math.fsum(chances[seen:]), math.fsum(chances[: seen + 1]))


def often(check: Check, logits: list[float], temperature: float, dtype: str = "float64") -> None:
    """Each token's count against what the binomial distribution allows."""
    drawn = check.learner("draws", tensor(logits, dtype), temperature, seed(check), DRAWS)
    exps = [math.exp((x - max(logits)) / temperature) for x in logits]
    for i in range(len(logits)):
        found = indices(check, drawn, DRAWS, len(logits), OFTEN).count(i)
        check.require(tail(DRAWS, exps[i] / math.fsum(exps), found) > SURE, OFTEN)


def shuffled(check: Check, values: list[float]) -> list[float]:
    """These logits in another order, all raised or lowered by the same."""
    shift = check.rng.uniform(-5, 5)
    return [x + shift for x in check.rng.sample(values, len(values))]


def sizes_of(check: Check, **given: float) -> dict[str, Any]:
    """A state with weights so large that every position and token counts."""
    return {"seed": seed(check), "vocab": 5, "embd": 4, "layers": 1, "block": 5, "std": 1.0} | given


def states(check: Check, wanted: Any, count: int, tries: int = 12, **given: float) -> list[dict[str, Any]]:
    """Sizes of states whose greedy text is as wanted, as far as they are found."""
    found = [sizes_of(check, **given) for _ in range(tries)]
    docs = MANY if given.get("vocab") == 30 else DOCS
    texts = check.reference_each("text", [[sizes, docs, {"temperature": 0.0}] for sizes in found])
    return [sizes for sizes, text in zip(found, texts, strict=True) if wanted(text)][:count]


def test_greedy(check: Check) -> None:
    """Temperature 0 gives the place of the highest logit, the first of several."""
    cases = []
    for size in (1, 4, 7):
        logits = [check.rng.uniform(-9, -1) for _ in range(size)]
        cases.append((logits, max(range(size), key=logits.__getitem__)))
    tied = check.rng.sample(range(6), 3)
    cases.append(([2.5 if i in tied else check.rng.uniform(-3, 2) for i in range(6)], min(tied)))
    cases.append(([0.5] * 5, 0))
    got = check.same_each("draws", [[tensor(logits), 0.0, seed(check), 4] for logits, _ in cases], why=GREEDY)
    check.close(got, [[want] * 4 for _, want in cases], why=GREEDY)
    check.same("draws", tensor(cases[2][0], "float32"), 0, seed(check), 1, why=GREEDY)


def test_negative_temperatures(check: Check) -> None:
    """A negative temperature raises ValueError, however small; a positive one does not."""
    check.learner("draws", tensor([0.5, -1.0, 2.0]), 1e-6, seed(check), 1)
    for temperature in (-check.rng.uniform(0.1, 2), -1e-6):
        check.raises(ValueError, "draws", tensor([0.5, -1.0, 2.0]), temperature, seed(check), 1, why=NEGATIVE)


def test_how_often_when_hot(check: Check) -> None:
    """A high temperature brings the probabilities closer together, and the draws follow them."""
    often(check, shuffled(check, [0.0, 4.0, 8.0, 12.0]), 10.0)


def test_how_often_when_cold(check: Check) -> None:
    """A low temperature makes the likely likelier, and the draws follow the probabilities, in float32 too."""
    often(check, shuffled(check, [0.0, 0.4, 0.8, 1.2]), 0.1, "float32")


def with_impossible(check: Check, dtype: str) -> tuple[dict[str, Any], set[int]]:
    """40 logits, and the places of those that have probability 0, both ends among them."""
    out = {0, 39, *check.rng.sample(range(1, 39), 20)}
    logits = [check.rng.choice((-math.inf, -9e3)) if i in out else check.rng.uniform(-2, 2) for i in range(40)]
    return tensor(logits, dtype), out


def test_probability_zero(check: Check) -> None:
    """A token of probability 0 is never drawn, not even by the smallest or largest random number there is."""
    found = [with_impossible(check, "float32") for _ in range(16)]
    sums = check.reference_each("sum_of", [[given] for given, _ in found])
    # rounding takes some sums further below 1 than the largest float32 random number, 1 - 2**-24
    lowest = sorted(range(16), key=sums.__getitem__)[:3]
    chosen = [*(found[i] for i in lowest), with_impossible(check, "float64")]
    drawn = check.learner_each("edges", [[given, 1.0, seed(check)] for given, _ in chosen])
    for both, (_, out) in zip(drawn, chosen, strict=True):
        check.require(not set(indices(check, both, 2, 40, NEVER)) & out, NEVER)
    for given, out in chosen[:1] + chosen[-1:]:
        drawn = check.learner("draws", given, 2.0, seed(check), 8)
        check.require(not set(indices(check, drawn, 8, 40, NEVER)) & out, NEVER)


def test_large_logits(check: Check) -> None:
    """Logits of 1e4 overflow nowhere: two close ones share the draws, the others get none."""
    logits = [1e4 - 1, -1e4, 1e4 - 1, -1e4]
    drawn = indices(check, check.learner("draws", tensor(logits, "float32"), 1.0, seed(check), 40), 40, 4, LARGE)
    check.require(set(drawn) == {0, 2}, LARGE)  # one of two alone: 2 in 2**40
    low = tensor([-1e4, -1e4 - 2000, -1e4 - 900])
    check.close(check.learner("draws", low, 1.0, seed(check), 3), [0, 0, 0], why=LARGE)


def test_the_generator(check: Check) -> None:
    """Draws come from the given generator alone, and from torch's global one where none is given."""
    given = tensor([check.rng.uniform(-0.2, 0.2) for _ in range(60)])
    got = check.learner("sources", given, 1.0, seed(check), 7)
    check.require(type(got) is dict and list(got) == ["given", "global", "still", "moved"], REPEATS)
    for name, why in (("given", REPEATS), ("global", GLOBAL)):
        check.require(type(got[name]) is list and len(got[name]) == 2, why)
        first, second = (indices(check, drawn, 7, 60, why) for drawn in got[name])
        check.close(first, second, why=why)
        check.require(len(set(first)) > 1, why)  # 7 draws of 60 tokens, all the same: 1 in 1e10
    check.close([got["still"], got["moved"]], [True, True], why=GLOBAL)


def test_inputs_and_settings(check: Check) -> None:
    """The logits are left as they are, and so is every global setting."""
    for dtype in ("float32", "float64"):
        given = tensor([0.5, -1.25, 2.0, 0.0], dtype)
        got = check.same("inputs", given, [0.0, 0.5, 1.0, 2.0], seed(check), why=CHANGED)
        check.close(got, {"logits": given, "version": 0, "settings": []}, why=CHANGED)


def test_the_whole_context(check: Check) -> None:
    """At temperature 0 each token is the best after BOS and all tokens so far, whatever the model's size."""
    cases = [[sizes, DOCS, {"temperature": 0.0}] for sizes in states(check, lambda text: len(set(text)) > 1, 2, 8)]
    cases.append([sizes_of(check, layers=2), DOCS, {"temperature": 0.0, "n_head": 2, "max_len": 3}])
    cases.append([sizes_of(check, embd=6), DOCS, {"temperature": 0, "n_head": 1, "max_len": 4}])
    check.same_each("text", cases, why=WHOLE)


def test_ends_at_bos(check: Check) -> None:
    """A text ends where BOS is drawn, and does not hold it."""
    told: list[dict[str, Any]] = []  # states whose text would be longer without an end: after BOS comes another letter
    while len(told) < 3:
        found = states(check, lambda text: len(text) < 5, 12)
        longer = check.reference_each("going_on", [[sizes, DOCS] for sizes in found])
        texts = check.reference_each("text", [[sizes, DOCS, {"temperature": 0.0}] for sizes in found])
        told += [sizes for sizes, text, more in zip(found, texts, longer, strict=True) if text != more]
    check.same_each("text", [[sizes, DOCS, {"temperature": 0.0}] for sizes in told[:4]], why=STOPS)


def test_length(check: Check) -> None:
    """A text has at most min(max_len, block_size) characters."""
    (long,) = states(check, lambda text: len(text) == 5, 1) or [sizes_of(check)]
    cases = [[long, DOCS, {"temperature": 0.0, "max_len": n}] for n in (0, 1, 9)]
    got = check.same_each("text", cases, why=LENGTH)
    check.require(all(len(text) <= n for text, n in zip(got, (0, 1, 5), strict=True)), LENGTH)


def test_temperature_of_a_text(check: Check) -> None:
    """A text is drawn at the temperature given, and at 0.5 where none is."""
    found = states(check, len, 6, 8, std=1.5)
    gaps = check.reference_each("greedy_gap", [[sizes, DOCS, 4] for sizes in found])
    # at 0.02 a gap of 0.6 leaves the second best 1e-13; the smaller the gap, the more another temperature shows
    clear = sorted((gap, i) for i, gap in enumerate(gaps) if gap >= 0.6)[:1]
    for _, i in clear:
        cases = [[found[i], DOCS, {"temperature": 0.02, "seed": seed(check)}]]
        got = check.learner_each("text", cases)
        check.close(got, check.reference_each("text", [[found[i], DOCS, {"temperature": 0.0}]]), why=WARMTH)
    # and where the best is certain at 0.5, as the second best has 1e-13 again, it is one of 5 at a great heat
    found = [sizes_of(check, std=8.0) for _ in range(12)]
    gaps = check.reference_each("greedy_gap", [[sizes, DOCS, 4] for sizes in found])
    for sizes in [sizes for sizes, gap in zip(found, gaps, strict=True) if gap >= 15][:1]:
        case = {"temperature": 1e5, "max_len": 5}
        best = check.reference("text", sizes, DOCS, case | {"temperature": 0.0})
        hot = check.learner_each("text", [[sizes, DOCS, case | {"seed": seed(check)}] for _ in range(12)])
        check.require(hot != [best] * 12, WARMTH)  # each is the best one at 1 in 5 at most
    asked = [[sizes_of(check, vocab=30, std=0.5), MANY, {"seed": seed(check), "max_len": 3}] for _ in range(6)]
    half, whole = (
        check.reference_each("text", [[sizes, docs, case | {"temperature": t}] for sizes, docs, case in asked])
        for t in (0.5, 1.0)
    )
    asked = [case for case, a, b in zip(asked, half, whole, strict=True) if a != b][:1]  # where it may show
    halves = check.learner_each("text", [[sizes, docs, case | {"temperature": 0.5}] for sizes, docs, case in asked])
    check.close(check.learner_each("text", asked), halves, why=WARMTH)


def test_texts_are_drawn(check: Check) -> None:
    """Texts come from the given generator alone, and from torch's global one where none is given."""
    for sizes in states(check, lambda text: len(text) == 5, 1, 6, vocab=30):
        case = {"temperature": 1e3, "max_len": 4}  # so hot that all 30 tokens are about as likely
        found = check.learner_each("text", [[sizes, MANY, case | {"seed": seed(check)}] for _ in range(2)])
        best = check.reference("text", sizes, MANY, {"temperature": 0.0, "max_len": 4})
        check.require(found != [best] * 2, WARMTH)  # 8 times the best of 30: 1 in 6e11
    case = {"temperature": 1.0, "seed": seed(check), "max_len": 2}
    got = check.learner("around", sizes_of(check, vocab=30, std=0.01), MANY, case)
    check.require(type(got) is dict and type(got.get("texts")) is list and len(got["texts"]) == 4, REPEATS)
    check.close(got["texts"][0], got["texts"][1], why=REPEATS)
    check.close(got["texts"][2], got["texts"][3], why=GLOBAL)
    check.close(got.get("still"), True, why=GLOBAL)


def test_nothing_else_is_changed(check: Check) -> None:
    """generate works on a state that requires gradients, and leaves it, its gradients and all settings as they are."""
    sizes = sizes_of(check)
    got = check.learner("around", sizes, DOCS, {"temperature": 1.0, "seed": seed(check), "max_len": 1})
    check.require(type(got) is dict and list(got) == ["texts", "still", "state", "grads", "settings"], LEFT)
    check.close([got["state"], got["grads"], got["settings"]], [[True] * 9, [True] * 9, []], why=LEFT)
