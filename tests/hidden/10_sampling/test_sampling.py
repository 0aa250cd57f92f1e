"""Hidden checks of 10_sampling (pure): which token a random number picks, and which names come of it.

Trusted side. Probabilities are computed here in plain floats, and random numbers are chosen, so every answer is known
exactly; names need the reference for its logits. A number that lies within 1e-9 of a border between two tokens is never
used: there, rounding (1e-16 a step, 1e-12 with logits of 1e4) may decide. Names are drawn at 1e-7 from the borders.
"""

import math
import random
from itertools import accumulate
from typing import Any

from grader.marking.check import Check

NEAR = 1e-9
JUST_BELOW_1 = 1 - 2**-53  # the largest number that random() can give


def probabilities(logits: list[float], temperature: float) -> list[float]:
    """softmax(logits / temperature)."""
    highest = max(logits)
    exps = [math.exp((x - highest) / temperature) for x in logits]
    total = math.fsum(exps)
    return [e / total for e in exps]


def borders(logits: list[float], temperature: float) -> list[float]:
    """p_0, p_0 + p_1, ..., 1: token i gets the numbers from border i - 1 up to border i."""
    p = probabilities(logits, temperature)
    return [math.fsum(p[: i + 1]) for i in range(len(p))]


def pick(edges: list[float], u: float) -> int:
    """The smallest i with u < p_0 + ... + p_i."""
    return next((i for i, edge in enumerate(edges) if u < edge), len(edges) - 1)


def clear(edges: list[float], u: float, margin: float = NEAR) -> bool:
    """Whether u is away from every border but the last one, 1. A border at 0 (e^-3000) is exact, so is u = 0."""
    return all(abs(u - edge) > margin or u == edge == 0 for edge in edges[:-1])


def some_logits(check: Check, count: int, width: float = 2) -> list[float]:
    """Logits, all different."""
    return [check.rng.uniform(-width, width) for _ in range(count)]


def same_draws(check: Check, cases: list[list[Any]], why: str) -> None:
    """Each case: [logits, temperature, random numbers]."""
    want = []
    for logits, temperature, numbers in cases:
        edges = borders(logits, temperature)
        numbers[:] = [u for u in numbers if clear(edges, u)]
        want.append([pick(edges, u) for u in numbers])
    check.close(check.same_each("draws", cases, why=why), want, why=why)


def grid(check: Check, count: int) -> list[float]:
    """Numbers spread evenly over 0 to 1."""
    offset = check.rng.uniform(0.01, 0.99)
    return [(i + offset) / count for i in range(count)]


# One token


def test_greedy(check: Check) -> None:
    """Temperature 0 gives the place of the highest logit, the lowest place where several share it."""
    low, high = sorted(some_logits(check, 2))
    ties = [[low - 1, high, low, high, high], [high, low, high], [-high - 9, -high - 9]]
    cases = [*ties, *(some_logits(check, count) for count in (3, 8)), [-8 - low, -5.0 - high, -7 - low, -5.5 - high]]
    cases += [[1e4 - 3, -1e4, 1e4, 1e4 - 1], [-1e4, -1e4 + 2, -1e4 + 1]]
    want = [logits.index(max(logits)) for logits in cases]
    for temperature in (0, 0.0):
        for seed in range(3):  # ties are not left to chance either
            got = check.same_each("one", [[logits, temperature, seed] for logits in cases])
            check.close(got, want, why="at temperature 0 it is not the highest logit, or not the first of equal ones")


def test_negative_temperature(check: Check) -> None:
    """A negative temperature raises ValueError; one that is not does not."""
    check.learner("one", some_logits(check, 4), 0.5, 1)
    for temperature in (-1, -check.rng.uniform(0.001, 0.9)):
        check.raises(ValueError, "one", some_logits(check, 4), temperature, 1)


def test_draws(check: Check) -> None:
    """u picks the smallest i with u < p_0 + ... + p_i, so that i is picked as often as its probability says."""
    why = "at temperature 1 the token is not the one that u picks: lay the probabilities side by side, in order"
    cases = [[some_logits(check, count), 1.0, grid(check, 60)] for count in (2, 5, 9)]
    same_draws(check, [*cases, [some_logits(check, 1), 1.0, grid(check, 3)]], why)


def test_borders(check: Check) -> None:
    """A u of 0, or close to a border between two tokens, picks the token on its own side, and never one that is 0."""
    why = "u close to a border picks the wrong side, or u = 0 a token of probability 0: is u < the sum the condition?"
    cases = []
    for count in (3, 6):
        logits = some_logits(check, count)
        edges = borders(logits, 1.0)[:-1]
        cases.append([logits, 1.0, [0.0, *(edge + side * 3 * NEAR for edge in edges for side in (-1, 1))]])
    a = check.rng.uniform(0.5, 2)
    # e^-3000 is 0 as a float, and u = 0 is not below a sum of 0: it picks the first token that has a probability
    cases += [[[-3000 - a, 0.5, a], 1.0, [0.0, 0.01, 0.99]], [[-9e3, -8e3 - a, a, -7e3, 0.0], 1.0, [0.0, 0.02, 0.98]]]
    same_draws(check, cases, why)


def test_the_last_token(check: Check) -> None:
    """The largest u there is, 1 - 2**-53, picks the last token, also where probabilities add up to less."""
    cases = []
    while len(cases) < 8:
        logits = [*some_logits(check, 11), check.rng.uniform(1, 2)]
        if list(accumulate(probabilities(logits, 1.0)))[-1] <= JUST_BELOW_1:  # where a plain sum falls short
            cases.append([logits, 1.0, [JUST_BELOW_1, 1 - 1e-6]])
    same_draws(
        check, cases, "u just below 1 finds no token, or the wrong one: probabilities are rounded, and so is their sum"
    )


def test_temperature(check: Check) -> None:
    """Logits are divided by the temperature: below 1 the likely gets likelier, above 1 the unlikely."""
    why = "at temperature 1 it may be right, at others it is not: the logits are divided by it, before softmax"
    temperatures = [check.rng.uniform(0.2, 0.4), check.rng.uniform(2, 4), 1e-3]
    cases = [[some_logits(check, 5), temperature, grid(check, 40)] for temperature in temperatures]
    close = check.rng.uniform(0.5, 2)  # at 1e-3, logits have to be this close for both to have a chance
    cases.append([[0.3, close + 1, close + 1.0005, close], 1e-3, grid(check, 20)])
    same_draws(check, cases, why)


def test_large_logits(check: Check) -> None:
    """Logits of +-1e4 do not overflow, at any side."""
    a, b = check.rng.uniform(0.3, 2), check.rng.uniform(0.3, 2)
    cases = [
        [[1e4 - a, -1e4, 1e4, 1e4 - a - b], 1.0, grid(check, 20)],
        [[-1e4, b - 1e4, -1e4 + a + b], 2.0, grid(check, 20)],
        [[800 + a, 800 - b, -800], 1.0, grid(check, 20)],
        [[-900 + a, -900 - b], 1.0, grid(check, 20)],
        [[a, b - 0.5, -a], 1e-3, grid(check, 5)],
    ]
    same_draws(check, cases, "large logits overflow: what may be taken from all of them before exp?")


def test_one_random_number(check: Check) -> None:
    """Each draw takes exactly one rng.random() from the generator that is given."""
    why = "a draw must take one rng.random(), neither more nor none, from the generator that is given"
    logits, seed, temperature = some_logits(check, 6), check.rng.randrange(10**6), check.rng.uniform(0.6, 2)
    twin = random.Random(seed)
    numbers, edges = [twin.random() for _ in range(13)], borders(logits, temperature)
    while not all(clear(edges, u) for u in numbers):
        logits = some_logits(check, 6)
        edges = borders(logits, temperature)
    got = check.same("stream", logits, temperature, seed, 12, why=why)
    check.close(got["following"], numbers[1:], why=why)
    check.close(got["ids"], [pick(edges, u) for u in numbers[:-1]], why=why)
    check.close(check.same("numbers_drawn", logits, temperature, numbers, why=why), [1] * 13, why=why)
    # where the first token is all but certain, a number for each token is one number too
    check.close(check.same("numbers_drawn", [0.0] * 4, 1.0, [0.9, 0.4, 0.6], why=why), [1] * 3, why=why)


# Names: first with logits that are all 0, so that random numbers spell the name, then with models


def flat(vocab: int, block: int) -> dict[str, Any]:
    """A model that gives every token the same probability, whatever came before."""
    return {"seed": 1, "vocab": vocab, "embd": 4, "layers": 1, "block": block, "std": 0.0}


def spell(tokens: list[int], vocab: int) -> list[float]:
    """Numbers that pick these tokens from equal probabilities."""
    return [(token + 0.5) / vocab for token in tokens]


def spoken(tokens: list[int]) -> str:
    """The text of tokens without BOS."""
    return "".join(chr(97 + token) for token in tokens)


def test_generate_ends_at_bos(check: Check) -> None:
    """A name starts at BOS and ends when BOS is drawn, at once too; BOS is no part of it."""
    vocab = 5
    word = [check.rng.randrange(4) for _ in range(5)]
    why = "with equal probabilities the random numbers spell the name: it ends at the first BOS, which is left out"
    cases = []
    for length in (0, 1, 3):
        cases.append([flat(vocab, 6), spell([*word[:length], 4, *word], vocab), 1.0, None, 4])
    got = check.same_each("scripted", cases, why=why)
    check.close(got, [spoken(word[:length]) for length in (0, 1, 3)], why=why)


def test_length(check: Check) -> None:
    """Without BOS a name ends with min(max_len, block_size) characters; block_size is the state's, max_len may be 0."""
    vocab, word = 4, [check.rng.randrange(3) for _ in range(20)]
    why = "a name that BOS does not end has the wrong length: min(max_len, block_size), where max_len may be 0 or None"
    limits = [(4, None), (4, 0), (4, 1), (4, 2), (3, 3), (3, 40), (2, None)]
    cases = [[flat(vocab, block), spell(word, vocab), 1.0, max_len, 4] for block, max_len in limits]
    got = check.same_each("scripted", cases, why=why)
    check.close(got, [spoken(word[: min(block, block if m is None else m)]) for block, m in limits], why=why)


def model(check: Check, layers: int, block: int = 5) -> dict[str, Any]:
    """A random model of 4 letters whose answers depend on the whole context."""
    return {"seed": check.rng.randrange(10**6), "vocab": 5, "embd": 4, "layers": layers, "block": block, "std": 0.8}


def drawn_at_borders(
    check: Check, state: dict, temperature: float, n_head: int, length: int
) -> list[list[float]] | None:
    """Two lists of random numbers that make one name: at the lower and the upper border of each of its tokens.

    The name is chosen first. None: one of its tokens is too improbable to have borders.
    """
    name = [check.rng.randrange(4) for _ in range(length)]
    targets = name if length == state["block"] else [*name, 4]
    rows = check.reference("logits", state, [4, *name][: len(targets)], n_head)
    numbers: list[list[float]] = [[], []]
    for row, token in zip(rows, targets, strict=True):
        edges = [0.0, *borders(row, temperature)]
        if edges[token + 1] - edges[token] < 1e-3:
            return None
        numbers[0].append(edges[token] + 1e-7)
        numbers[1].append(edges[token + 1] - 1e-7)
    return [*numbers, [float(token) for token in name]]


def test_whole_context(check: Check) -> None:
    """Each token is drawn from what the model says after all tokens so far, at positions 0, 1, 2, ..."""
    why = "the probabilities of a later token are wrong: does the model see BOS, every token, its place, all layers?"
    cases, want = [], []
    for layers, n_head, length in ((1, 2, 5), (1, 4, 4), (2, 1, 3)):
        found = None
        while found is None:
            state, temperature = model(check, layers), check.rng.uniform(1, 2)
            found = drawn_at_borders(check, state, temperature, n_head, length)
        for numbers in found[:2]:
            cases.append([state, numbers, temperature, None, n_head])
            want.append(spoken([int(token) for token in found[2]]))
    check.close(check.same_each("scripted", cases, why=why), want, why=why)


def other_than_best(row: list[float]) -> float:
    """A number that picks another token than the likeliest at any temperature above 0: the first one or the last."""
    return JUST_BELOW_1 if row.index(max(row)) == 0 else 0.0


def test_greedy_names(check: Check) -> None:
    """At temperature 0 a name is made of the likeliest tokens, whatever the generator."""
    why = "at temperature 0 every token is the likeliest one, given all tokens so far"
    cases, want = [], []
    while len(cases) < 3:
        state = model(check, 1)
        name = check.reference("scripted", state, [], 0, None, 2)
        tokens = [4, *(ord(letter) - 97 for letter in name)]
        rows = check.reference("logits", state, tokens[: state["block"]], 2)
        if len(name) < 2 or any(sorted(row)[-1] - sorted(row)[-2] < 1e-6 for row in rows):
            continue  # too short to tell, or too close to call
        best = [row.index(max(row)) for row in rows]
        cases.append([state, [other_than_best(row) for row in rows], 0, None, 2])
        want.append(spoken([token for token in best if token != 4]))
    check.close(check.same_each("scripted", cases, why=why), want, why=why)


def test_defaults(check: Check) -> None:
    """Without other words the temperature is 0.5, there are 4 heads, and a name may fill the block."""
    why = "a default is wrong: temperature=0.5, max_len=None, n_head=4"
    found = None
    while found is None:
        state = model(check, 1, block=4)
        found = drawn_at_borders(check, state, 0.5, 4, 4)
    want = spoken([int(token) for token in found[2]])
    check.close(check.same_each("named", [[state, found[i], {}] for i in (0, 1)], why=why), [want] * 2, why=why)
    shorter = {"temperature": 0.5, "max_len": 2, "n_head": 4}
    check.close(check.same("named", state, found[0], shorter, why=why), want[:2], why=why)


def test_names_in_a_row(check: Check) -> None:
    """Every name starts afresh, and the generator goes on: equal seeds give equal names, later names differ."""
    why = "the second name is wrong: caches start empty for each name, and random numbers come from rng alone"
    want = None
    while want is None or max(map(len, want)) < 2:
        state, seed = model(check, 1, block=3), check.rng.randrange(10**6)
        want = replayed(check, state, seed, 5)  # so many that a wrong model hardly spells them all by chance
    check.close(check.same("names", state, seed, 1.0, 2, 5, why=why), want, why=why)
    check.close(check.same("same_seed", state, seed, 2, 2, why=why), [want[0]] * 2, why=why)
    rng, want = random.Random(seed), []
    for _ in range(6):  # by equal probabilities, where the numbers themselves spell the names
        tokens: list[int] = []
        while len(tokens) < 4 and 4 not in tokens:
            tokens.append(int(rng.random() * 5))
        want.append(spoken([token for token in tokens if token != 4]))
    check.close(check.same("names", flat(5, 4), seed, 1.0, 4, 6, why=why), want, why=why)


def replayed(check: Check, state: dict, seed: int, count: int) -> list[str] | None:
    """The names that this seed gives with two heads, by the reference's logits. None: a number is near a border."""
    rng, names = random.Random(seed), check.reference("names", state, seed, 1.0, 2, count)
    want = []
    for name in names:
        tokens = [4, *(ord(letter) - 97 for letter in name)][: state["block"]]
        picked = []
        for row in check.reference("logits", state, tokens, 2):
            edges, u = borders(row, 1.0), rng.random()
            if not clear(edges, u):
                return None
            picked.append(pick(edges, u))
        want.append(spoken([token for token in picked if token != 4]))
    return want


def test_nothing_else_is_changed(check: Check) -> None:
    """Neither the logits that sample gets nor the parameters that generate gets are changed."""
    logits = some_logits(check, 5)
    got = check.same("logits_after", logits, [0.4, 2.0, 0], why="sample() changes the list of logits")
    check.close(got, logits, why="sample() changes the list of logits")
    check.same("state_after", flat(4, 3) | {"std": 0.5}, 3, 4, why="generate() changes the parameters")


def test_without_a_generator(check: Check) -> None:
    """Without a generator there are names too."""
    got = check.learner("by_itself", flat(5, 1), 3)  # which ones is not promised: a seed of its own may be fixed
    check.require(type(got) is list and [type(name) for name in got] == [str] * 3, "the answer has wrong parts")
    check.require(all(len(name) <= 1 and set(name) <= set("abcd") for name in got), "a name is none of this model")
