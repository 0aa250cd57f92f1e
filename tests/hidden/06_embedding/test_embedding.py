"""Hidden checks of 06_embedding (pure): fresh states, their parameters in one list, and embeddings.

Trusted side. Everything is compared with the reference and with what this file works out: the numbers of a state are
those of Python's own generator with the same seed. The tolerance of 1e-9 allows std to be multiplied separately.
"""

import math
import random

from grader.marking.check import Check

Sizes = dict  # {"seed": ..., "vocab": ..., "embd": ..., "layers": ..., "block": ..., "std": ...}


def sizes(check: Check, vocab: int, embd: int, layers: int, block: int, std: float = 0.3) -> Sizes:
    """Sizes with a random seed."""
    seed = check.rng.randrange(10**6)
    return {"seed": seed, "vocab": vocab, "embd": embd, "layers": layers, "block": block, "std": std}


def shapes(of: Sizes) -> dict[str, tuple[int, int]]:
    """Name -> (rows, columns), in the order of the state."""
    vocab, embd = of["vocab"], of["embd"]
    found = {"wte": (vocab, embd), "wpe": (of["block"], embd), "lm_head": (vocab, embd)}
    for i in range(of["layers"]):
        found |= {f"layer{i}.attn_{name}": (embd, embd) for name in ("wq", "wk", "wv", "wo")}
        found |= {f"layer{i}.mlp_fc1": (4 * embd, embd), f"layer{i}.mlp_fc2": (embd, 4 * embd)}
    return found


def count(of: Sizes) -> int:
    """How many numbers a state has."""
    return sum(rows * columns for rows, columns in shapes(of).values())


def drawn(of: Sizes) -> list[float]:
    """The numbers of a state, row by row."""
    rng = random.Random(of["seed"])
    return [rng.gauss(0, of["std"]) for _ in range(count(of))]


def generator(of: Sizes, before: int) -> dict[str, list[float]]:
    """The first number of a state, when `before` others were drawn, and what the generator gives afterwards."""
    rng = random.Random(of["seed"])
    for _ in range(before):
        rng.gauss(0, 1)
    found = [rng.gauss(0, of["std"]) for _ in range(count(of))]
    return {"first": found[:1], "next": [rng.gauss(0, 1), rng.random()]}


def tables(of: Sizes) -> tuple[list[list[float]], list[list[float]]]:
    """wte and wpe of the states that the probes make."""
    rng, columns = random.Random(of["seed"]), range(of["embd"])
    wte = [[rng.gauss(0, of["std"]) for _ in columns] for _ in range(of["vocab"])]
    return wte, [[rng.gauss(0, of["std"]) for _ in columns] for _ in range(of["block"])]


def more_tokens(check: Check) -> Sizes:
    """More tokens than positions."""
    return sizes(check, vocab=6, embd=3, layers=1, block=4)


def more_positions(check: Check) -> Sizes:
    """More positions than tokens."""
    return sizes(check, vocab=4, embd=2, layers=1, block=7)


def test_names_and_shapes(check: Check) -> None:
    """The state is a dict of all matrices in their order, one row per output, of the sizes that are asked for."""
    why = "a matrix is missing, has a wrong name, stands in a wrong place, or has a wrong shape"
    for of in (sizes(check, 5, 3, 2, 4), sizes(check, 7, 2, 1, 9), sizes(check, 3, 1, 3, 2)):
        got = check.same("shapes", of, why=why)
        check.close(got, {name: [columns] * rows for name, (rows, columns) in shapes(of).items()}, why=why)


def test_defaults(check: Check) -> None:
    """Without other sizes there are 16 columns, 1 layer and 16 positions, and the numbers have a std of 0.08."""
    of = sizes(check, 3, 16, 1, 16, 0.08)
    # a sum of 3,000 numbers, of which rounding leaves some 1e-13 unsure
    why = "a default is not the one of the signature: n_embd, n_layer, block_size or std"
    got = check.same("default_state", 3, of["seed"], abs=1e-9, why=why)
    numbers = drawn(of)
    check.close(got["shapes"], {name: list(shape) for name, shape in shapes(of).items()}, why=why)
    check.close([got["sum"], got["last"]], [math.fsum(numbers), numbers[-1:]], abs=1e-9, why=why)


def test_numbers_in_the_order_of_the_state(check: Check) -> None:
    """Every entry is rng.gauss(0, std): matrix by matrix in the order of the state, row by row."""
    why = "the numbers are not those of rng.gauss(0, std), drawn in the order of the state and row by row"
    for of in (sizes(check, 5, 3, 2, 4), sizes(check, 4, 2, 1, 3, 1.5)):
        check.close(check.same("numbers", of, why=why), drawn(of), why=why)
    by_place = [of[name] for name in ("vocab", "embd", "layers", "block", "std", "seed")]
    check.same("numbers_by_place", *by_place, why="arguments given in their places, without names, are mixed up")


def test_the_generator_goes_on(check: Check) -> None:
    """The generator that is given is used from where it is, and moves on by one number for each entry."""
    why = "the generator that was given is seeded again, not used, or has given more numbers than there are entries"
    # Gaussians come in pairs, the second one waiting in the generator: 150 numbers, and 21, after an odd or even count
    for shape, before in (((5, 3, 1, 4), 1), ((3, 1, 1, 3), 2), ((3, 1, 1, 3), 3)):
        of = sizes(check, *shape, std=0.08)
        check.close(check.same("generator", of, before, why=why), generator(of, before), why=why)


def test_every_entry_is_a_value_of_its_own(check: Check) -> None:
    """No Value stands at two places of the state; none has children, or a gradient yet."""
    why = "one Value, row or matrix stands at several places of the state, or an entry was made from other Values"
    of = sizes(check, 5, 3, 2, 4)
    want = {"entries": count(of), "values": count(of), "with children": 0, "with gradient": 0}
    check.close(check.same("entries", of, why=why), want, why=why)


def test_without_a_generator(check: Check) -> None:
    """Without rng the numbers come from another generator than the module's global one, which does not move."""
    of = sizes(check, 11, 5, 1, 3, check.rng.choice([0.02, 0.5]))
    seeds = [of["seed"], of["seed"], of["seed"] + 1]
    first, again, other = answers = check.learner_each("without_generator", [[of, seed] for seed in seeds])
    for answer, seed in zip(answers, seeds, strict=True):
        numbers = answer.get("state") if type(answer) is dict else None
        check.require(is_numbers(numbers, count(of)), "the state has not as many numbers as belong there")
        rng = random.Random(seed)
        why = "the global generator of the module random has moved"
        check.close(answer, {"state": numbers, "next": [rng.gauss(0, 1), rng.random()]}, why=why)
        # of 425 Gaussians this is within 0.3 by 8 standard deviations, and 0.58 for a uniform distribution
        spread = math.sqrt(math.fsum(x * x for x in numbers) / len(numbers)) / of["std"]
        check.require(0.7 < spread < 1.3, "without rng the numbers have not the standard deviation that is asked for")
    # a generator with a fixed seed is one of its own too, so that equal numbers alone are no fault
    why = "without rng the numbers depend on random.seed(): they come from the module's global generator"
    check.require(first["state"] != again["state"] or again["state"] == other["state"], why)


def is_numbers(found: object, length: int) -> bool:
    """Whether this is a list of so many finite floats."""
    return type(found) is list and len(found) == length and all(type(x) is float and math.isfinite(x) for x in found)


def test_parameters(check: Check) -> None:
    """parameters gives the state's own Values, each once, in one flat list in the order of the state."""
    why = "the list does not hold the state's own Values, each once, in the order of the state"
    for of in (sizes(check, 5, 3, 2, 4), sizes(check, 3, 2, 1, 6), sizes(check, 2, 1, 3, 3)):
        check.close(check.same("places_of_parameters", of, why=why), list(range(count(of))), why=why)


def test_embed(check: Check) -> None:
    """embed adds the token's row of wte and the position's row of wpe."""
    for of in (more_tokens(check), more_positions(check)):
        wte, wpe = tables(of)
        ids = [[0, of["block"] - 1], [of["vocab"] - 1, 0], [1, 2], [2, 1], [3, 3]]
        why = "the numbers are not those of the token's row plus those of the position's row"
        got = check.same_each("embedded", [[of, *pair] for pair in ids], why=why)
        want = [[a + b for a, b in zip(wte[token], wpe[pos], strict=True)] for token, pos in ids]
        check.close(got, want, why=why)
        check.close(check.same("named_embedded", of, *ids[1], why=why), want[1], why=why)


def embed_gradients(of: Sizes, ids: list[list[int]], weights: list[list[float]]) -> dict:
    """Every weight is added to one entry of wte and to one of wpe."""
    tables = {"wte": of["vocab"], "wpe": of["block"]}
    found = {name: [[0.0] * of["embd"] for _ in range(rows)] for name, rows in tables.items()}
    for pair, row in zip(ids, weights, strict=True):
        for name, i in zip(tables, pair, strict=True):
            found[name][i] = [a + b for a, b in zip(found[name][i], row, strict=True)]
    return {**found, "others": 0}


def test_gradients_of_embed(check: Check) -> None:
    """The gradient of each number goes to its entry in the token's row and to that in the position's row, unchanged."""
    for of in (more_tokens(check), more_positions(check)):
        ids = [[2, 0], [3, 2], [2, 3], [1, 2]]  # token 2 and position 2 stand there twice
        weights = [[check.rng.uniform(-2, 2) for _ in range(of["embd"])] for _ in ids]
        why = "the values may be right, the gradients are not: they belong to one row of wte and one of wpe"
        got = check.same("embed_gradients", of, ids[:1], weights[:1], why=why)
        check.close(got, embed_gradients(of, ids[:1], weights[:1]), why=why)
        why = "gradients do not add up where one token or one position is used several times"
        got = check.same("embed_gradients", of, ids, weights, why=why)
        check.close(got, embed_gradients(of, ids, weights), why=why)


def test_ids_outside_their_tables(check: Check) -> None:
    """A token or a position below 0 or beyond its own table raises IndexError; the first and the last do not."""
    for of in (more_tokens(check), more_positions(check)):
        vocab, block = of["vocab"], of["block"]
        check.learner_each("embedded", [[of, 0, 0], [of, vocab - 1, block - 1]])
        for ids in ([vocab, 1], [1, block], [-1, 1], [1, -1], [-vocab, 0], [0, -block], [vocab + block, 0]):
            check.raises(IndexError, "embedded", of, *ids)


def test_the_state_is_left_alone(check: Check) -> None:
    """embed makes new Values: the rows of the tables, and the numbers in them, stay as they are."""
    of = more_positions(check)
    check.same("state_afterwards", of, 2, 3, rel=0, abs=0, why="embed changes the tables of the state")
