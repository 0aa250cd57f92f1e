"""Hidden checks of 09_adam (pure): the recurrence of Adam, the rate, the loss of a document, and training.

Trusted side. The optimizer is replayed here in plain floats, and the loss is made from logits; the rest is compared
with the reference. Training is never judged by its success: with half of its parts gone it still ends near that loss.
Usual tolerance 1e-9: a few roundings of 1e-16. After several updates of a model the parameters are compared to 1e-7:
where a gradient is itself near eps = 1e-8, Adam's division makes a rounding of 1e-16 in it one of 1e-8 in the update.
"""

import math
from itertools import pairwise
from typing import Any

from grader.marking.check import Check

AFTER_UPDATES = 1e-7
LETTERS = "abcde"  # with BOS, a vocabulary of 6: other than n_embd and block_size
DEFAULTS: dict[str, Any] = {"lr": 0.01, "betas": [0.85, 0.99], "eps": 1e-8}


class Replay:
    """Adam in plain floats."""

    def __init__(self, start: list[float], **settings: Any) -> None:
        self.p, self.settings = list(start), DEFAULTS | settings
        self.m, self.v, self.t = [0.0] * len(start), [0.0] * len(start), 0

    def step(self, gradients: list[float], rate: float | None = None) -> list[float]:
        """The parameters after one more step."""
        lr = self.settings["lr"] if rate is None else rate
        b1, b2 = self.settings["betas"]
        self.t += 1
        for i, g in enumerate(gradients):
            self.m[i] = b1 * self.m[i] + (1 - b1) * g
            self.v[i] = b2 * self.v[i] + (1 - b2) * g * g
            m_hat, v_hat = self.m[i] / (1 - b1**self.t), self.v[i] / (1 - b2**self.t)
            self.p[i] -= lr * m_hat / (math.sqrt(v_hat) + self.settings["eps"])
        return list(self.p)


def some_start(check: Check, count: int) -> list[float]:
    """Parameters; the first two are equal, and still two."""
    start = [check.rng.uniform(-2, 2) for _ in range(count)]
    return [start[1], *start[1:]]


def some_gradients(check: Check, count: int) -> list[float]:
    """Gradients of either sign and of very different sizes."""
    return [check.rng.choice([-1, 1]) * 10 ** check.rng.uniform(-6, 3) for _ in range(count)]


def some_settings(check: Check, eps: float) -> dict[str, Any]:
    """Settings that are not the defaults."""
    betas = [check.rng.uniform(0.3, 0.8), check.rng.uniform(0.9, 0.98)]
    return {"lr": check.rng.uniform(0.03, 0.3), "betas": betas, "eps": eps}


def same_updates(check: Check, cases: list[list[Any]], why: str) -> None:
    """Each case: [start, settings, gradients of each step, rates of each step]."""
    want = []
    for start, settings, gradients, rates in cases:
        replay = Replay(start, **settings)
        want.append([replay.step(g, rate) for g, rate in zip(gradients, rates, strict=True)])
    check.close(check.same_each("updates", cases, why=why), want, why=why)


def test_first_step(check: Check) -> None:
    """The first step moves every parameter by lr against the sign of its gradient, and not where that is 0."""
    start, gradients = some_start(check, 5), [*some_gradients(check, 4), 0.0]
    why = "the first step is not of size lr: are both averages divided by 1 - b^t, with t = 1 in the first step?"
    got = check.same("updates", start, {}, [gradients], why=why)
    moves = [-0.01 * g / (abs(g) + 1e-8) for g in gradients]  # in step 1, m_hat is g and v_hat is g*g
    check.close(got, [[p + move for p, move in zip(start, moves, strict=True)]], why=why)


def test_many_steps(check: Check) -> None:
    """Over many steps the parameters follow the recurrence of m, v and p, each with averages of its own."""
    gradients = [some_gradients(check, 4) for _ in range(25)]
    why = "the first step may be right, later ones are not: look at what is kept for each parameter, and at t"
    same_updates(check, [[some_start(check, 4), {}, gradients, [None] * 25]], why)


def test_settings(check: Check) -> None:
    """lr, both betas and eps have their places in the formula; eps is added to the root, after the correction."""
    why = "with another lr, betas and eps the steps are wrong: does each stand where the formula has it, eps too?"
    cases = []
    for eps in (0.5, 1e-3):
        gradients = [[check.rng.uniform(-2, 2) for _ in range(3)] for _ in range(6)]
        cases.append([some_start(check, 3), some_settings(check, eps), gradients, [None] * 6])
    for name, value in some_settings(check, 0.2).items():  # one at a time: the others keep their defaults
        gradients = [[check.rng.uniform(-2, 2) for _ in range(2)] for _ in range(3)]
        cases.append([some_start(check, 2), {name: value}, gradients, [None] * 3])
    same_updates(check, cases, why)


def test_a_rate_counts_for_one_step(check: Check) -> None:
    """A rate given to step counts for that step only; at 0.0 nothing moves, but m, v and t go on."""
    why = "a rate given to step() is used wrongly: it counts for that step only, and 0.0 is a rate too"
    rates = [None, 0.2, None, 0.0, 0.0, None, 0.05, None]
    gradients = [[check.rng.uniform(-2, 2) for _ in range(3)] for _ in rates]
    cases = [[some_start(check, 3), {"lr": check.rng.uniform(0.5, 1)}, gradients, rates]]
    cases.append([some_start(check, 3), {}, gradients[:3], [0.0, 0.0, None]])
    same_updates(check, cases, why)
    start, settings, rate = some_start(check, 2), some_settings(check, 0.1), check.rng.uniform(0.2, 0.4)
    gradients = [some_gradients(check, 2) for _ in range(3)]
    replay = Replay(start, **settings)
    want = [replay.step(g, rate) for g in gradients]
    by_place = [settings["lr"], settings["betas"], settings["eps"]]
    check.close(check.same("updates_by_place", start, by_place, gradients, rate, why=why), want, why=why)


def test_momentum(check: Check) -> None:
    """A parameter whose gradient is 0 stays where it is at first, and moves on by momentum once it had another."""
    why = "a gradient of 0 is treated wrongly: m and v forget slowly, and t counts such steps too"
    g, h = check.rng.uniform(0.5, 2), -check.rng.uniform(0.5, 2)
    gradients = [[0.0, g], [0.0, 0.0], [h, 0.0], [0.0, 0.0], [0.0, h], [0.0, 0.0]]
    same_updates(check, [[some_start(check, 2), {}, gradients, [None] * 6]], why)


def test_every_optimizer_keeps_its_own(check: Check) -> None:
    """Two optimizers side by side do not share averages or counts, and a new one begins anew."""
    why = "optimizers disturb each other: m, v and t belong to one optimizer, so they are made in __init__"
    starts, settings = [some_start(check, 3), some_start(check, 2)], [{}, some_settings(check, 1e-4)]
    replays = [Replay(start, **given) for start, given in zip(starts, settings, strict=True)]
    turns, want = [], []
    for which in (0, 1, 1, 0, 1, 0):
        turns.append([which, some_gradients(check, len(starts[which]))])
        replays[which].step(turns[-1][1])
        want.append([list(replay.p) for replay in replays])
    check.close(check.same("side_by_side", starts, settings, turns, why=why), want, why=why)
    gradients, numbers, want = [some_gradients(check, 3) for _ in range(2)], starts[0], []
    for gradient in gradients:
        numbers = Replay(numbers).step(gradient)
        want.append(numbers)
    check.close(check.same("one_after_the_other", starts[0], gradients, why=why), want, why=why)


def test_zero_grad(check: Check) -> None:
    """zero_grad sets every gradient to 0, and nothing else: not the parameters, not the averages."""
    start, gradients = some_start(check, 3), [some_gradients(check, 3) for _ in range(4)]
    got = check.same("zeroed", start, gradients, why="zero_grad() leaves gradients, or changes more than gradients")
    check.close(got["left"], [[0.0] * 3] * 5, why="a gradient is not 0 after zero_grad()")
    replay = Replay(start)
    why = "zero_grad() changes more than the gradients"
    check.close(got["history"], [replay.step(gradient) for gradient in gradients], why=why)


def test_linear_decay(check: Check) -> None:
    """linear_decay is lr * (1 - step / num_steps): lr itself in step 0, lr / num_steps in the last one."""
    lr, many = check.rng.uniform(0.001, 2), check.rng.randrange(20, 2000)
    cases = [[lr, 0, many], [lr, many - 1, many], [lr, many // 3, many], [lr, 0, 1], [lr / 7, 2, 7]]
    for probe in ("rate", "named_rate"):
        got = check.same_each(probe, cases)
        check.close(got, [rate * (count - step) / count for rate, step, count in cases])


# The loss of a document


def sizes(check: Check, layers: int = 1, embd: int = 4, block: int = 7) -> dict[str, Any]:
    """A random state for LETTERS and BOS, as a probe takes it; its weights are no initial ones."""
    seed = check.rng.randrange(10**6)
    return {"seed": seed, "vocab": len(LETTERS) + 1, "embd": embd, "layers": layers, "block": block, "std": 0.6}


def word(check: Check, length: int) -> str:
    """A document, neighbours different."""
    letters = [check.rng.choice(LETTERS)]
    while len(letters) < length:
        letters.append(check.rng.choice(LETTERS.replace(letters[-1], "")))
    return "".join(letters)


def encoded(doc: str) -> list[int]:
    """Its token ids."""
    return [len(LETTERS), *map(LETTERS.index, doc), len(LETTERS)]


def mean_loss(logits: list[list[float]], targets: list[int]) -> float:
    """-ln of each target's probability, on average."""
    losses = []
    for row, target in zip(logits, targets, strict=True):
        highest = max(row)
        losses.append(math.log(math.fsum(math.exp(x - highest) for x in row)) - (row[target] - highest))
    return math.fsum(losses) / len(losses)


def test_doc_loss(check: Check) -> None:
    """doc_loss is the mean of -ln p of each next token, both BOS included, and the same when asked again."""
    why = "the loss of a short document is wrong: a mean (not a sum) over all positions, the target the token after"
    cases = [
        [sizes(check, layers=2), encoded(word(check, 2)), 2],
        [sizes(check), encoded(word(check, 3)), 1],
    ]
    want = []
    for state, tokens, n_head in cases:
        logits = check.reference("logits", state, tokens[:-1], n_head)
        want.append([mean_loss(logits, tokens[1:])] * 2)
    check.close(check.same_each("losses", cases, why=why), want, why=why)
    state, tokens, _ = cases[1]
    four = mean_loss(check.reference("logits", state, tokens[:-1], 4), tokens[1:])
    check.close(check.same("loss", state, tokens), four, why="without n_head the loss is not that of 4 heads")


def test_doc_loss_of_long_documents(check: Check) -> None:
    """Only the first block_size positions of a longer document count, and block_size is the state's."""
    why = "short documents may be right, this one is longer than block_size: which positions count, and for how many?"
    for block in (3, 2):
        state, doc = sizes(check, embd=2, block=block), word(check, block + 3)
        tokens = [encoded(doc[: block - 1]), encoded(doc[:block]), encoded(doc)]  # n is block, block + 1, block + 4
        got = check.same_each("losses", [[state, one, 1] for one in tokens], why=why)
        logits = check.reference("logits", state, tokens[-1][:block], 1)
        want = [mean_loss(logits, one[1 : block + 1]) for one in tokens]
        check.close(got, [[x, x] for x in want], why=why)


def test_gradients_of_doc_loss(check: Check) -> None:
    """backward of doc_loss reaches every parameter that was used, in every layer, with the right gradient."""
    why = "the loss may be right, its gradients are not: is something read with .data, or kept from another document?"
    for state, length, n_head in ((sizes(check, layers=2), 2, 2), (sizes(check, block=3), 5, 4)):
        tokens = encoded(word(check, length))
        got = check.same("gradients", state, tokens, n_head, why=why)
        read = tokens[: min(state["block"], len(tokens) - 1)]
        for token, row in enumerate(got["wte"]):  # tokens that were never read have no gradient
            check.require(any(row) == (token in read), why)
        columns = zip(*got["lm_head"], strict=True)  # the shares of all logits of a position add up to 0
        check.close([math.fsum(column) for column in columns], [0.0] * state["embd"], abs=1e-9, why=why)
        sums = [[math.fsum(column) for column in zip(*got[name], strict=True)] for name in ("wte", "wpe")]
        check.close(sums[0], sums[1], abs=1e-9, why=why)  # each position adds one row of each


# Training


def test_order_of_documents(check: Check) -> None:
    """Step s reads docs[s % len(docs)], in order and from the start again, through the given tokenizer."""
    docs, state = [word(check, 2), word(check, 1), word(check, 5)], sizes(check, block=2)
    why = "at a rate of 0 nothing is learnt, so step s must show the loss of docs[s % len(docs)], once a step"
    got = check.same("trained", state, docs, [LETTERS], 4, 0.0, why=why)
    losses = check.reference_each("loss", [[state, encoded(doc)] for doc in docs])
    check.close(got["losses"], [losses[step % 3] for step in range(4)], why=why)


def test_first_update_of_training(check: Check) -> None:
    """One step of training is one step of Adam along the gradient of that document, at the full rate (default 0.01)."""
    doc, state = word(check, 2), sizes(check)
    why = "after one step of train() the parameters are wrong: 4 heads, all parameters, rate lr * (1 - 0 / 1)"
    gradients = check.reference("gradients", state, encoded(doc), 4)
    flat = [g for matrix in gradients.values() for row in matrix for g in row]
    start = check.reference("trained", state, [doc], [LETTERS], 0, None)["parameters"]
    want = Replay(start).step(flat)
    got = check.same("trained", state, [doc], [LETTERS], 1, None, abs=AFTER_UPDATES, why=why)
    check.close(got["parameters"], want, abs=AFTER_UPDATES, why=why)


def test_training(check: Check) -> None:
    """Over several steps, losses (each from before its update) and parameters are those of Adam with linear decay."""
    why = "the first step may be right, later ones are not: is the rate decaying, are old gradients cleared?"
    docs, lr = [word(check, 1), word(check, 2), word(check, 4)], check.rng.uniform(0.02, 0.06)
    check.same("trained", sizes(check, block=3), docs, [LETTERS], 4, lr, abs=AFTER_UPDATES, why=why)


def test_no_steps(check: Check) -> None:
    """Training for 0 steps returns no losses and changes nothing."""
    got = check.same("trained", sizes(check, embd=4), [word(check, 3)], [LETTERS], 0, 0.1)
    check.require(got["losses"] == [], "there are losses without steps")


def test_on_step(check: Check) -> None:
    """on_step is called once a step, after the update, with the step (from 0) and the loss that is returned."""
    why = "on_step() is called at the wrong time, or with something other than the step and its loss"
    docs = [LETTERS[:2], LETTERS[2:]]
    for num_steps, by_name in ((2, False), (1, True)):
        args = sizes(check, block=2), docs, num_steps, 0.05, by_name
        # Whether the updates themselves are right is asked above: here only the form is compared.
        got = check.same("watched", *args, abs=1e9, why=why)
        want = check.reference("watched", *args)
        check.close(got["losses"][0], want["losses"][0])  # before any update
        check.close([call["loss"] for call in got["calls"]], got["losses"], why=why)
        seen = [got["before"], *(call["seen"] for call in got["calls"])]
        check.close(seen[-1], got["after"], why="the last on_step() comes before the last update")
        moved = [a != b for one, other in pairwise(seen) for a, b in zip(one, other, strict=True)]
        check.require(all(moved), "parameters stand still between two calls of on_step()")
