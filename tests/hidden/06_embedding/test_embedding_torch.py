"""Hidden tests of 06_embedding, torch track: a fresh state, its parameters, and the sum of two rows.

Trusted side. Which numbers a seed gives is nobody's promise, so states are never compared with the reference's: what is
promised of them is checked by itself. What embed gives is compared with the reference and with the sums below.
"""

from __future__ import annotations

import math
from typing import Any

from grader.marking.check import Check

NAMES = "the names of the state, their order or their shapes are wrong: they stand at the top of the file"
SPREAD = (
    "the numbers of a matrix are not Gaussian with mean 0 and the standard deviation std: every matrix is drawn alike"
)
GIVEN = "the numbers come from the generator that is given, and from nothing else"
GLOBAL = "without a generator the numbers come from torch's global one, as torch.manual_seed and earlier draws leave it"
SUM = "embed is wrong: the token's row of wte plus the row of wpe for its place in the sequence"
GRADIENT = "embed may be right, its gradients are not: each use of a row adds what arrives there, an unused row gets 0"
CHANGED = "something is changed: the state, the tokens, or a global setting"


def sizes_of(check: Check, vocab: int, embd: int, layers: int, block: int, std: float = 0.5) -> dict[str, Any]:
    names = {"vocab": vocab, "embd": embd, "layers": layers, "block": block}
    return {"seed": check.rng.getrandbits(31), **names, "std": std}


def shapes_of(vocab: int, embd: int, layers: int, block: int) -> list[list[Any]]:
    """[name, shape] of every matrix, in the order of a state."""
    found = [["wte", [vocab, embd]], ["wpe", [block, embd]], ["lm_head", [vocab, embd]]]
    for i in range(layers):
        found += [[f"layer{i}.attn_{name}", [embd, embd]] for name in ("wq", "wk", "wv", "wo")]
        found += [[f"layer{i}.mlp_fc1", [4 * embd, embd]], [f"layer{i}.mlp_fc2", [embd, 4 * embd]]]
    return found


def tokens_of(rows: list[list[int]], **extra: str) -> dict[str, Any]:
    return {"dtype": "int64", "shape": [len(rows), len(rows[0])], "values": [i for row in rows for i in row], **extra}


def random_tokens(check: Check, batch: int, length: int, vocab: int) -> list[list[int]]:
    return [[check.rng.randrange(vocab) for _ in range(length)] for _ in range(batch)]


def tensor(shape: list[int], values: list[float], dtype: str = "float64") -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "values": values}


def sums(tables: dict[str, Any], rows: list[list[int]]) -> dict[str, Any]:
    """The embeddings of rows of tokens."""
    wte, wpe = tables["wte"], tables["wpe"]
    values = [a + b for row in rows for t, token in enumerate(row) for a, b in zip(wte[token], wpe[t], strict=True)]
    return tensor([len(rows), len(rows[0]), len(wte[0])], values)


def gradients_of(tables: dict[str, Any], rows: list[list[int]], incoming: dict[str, Any]) -> dict[str, Any]:
    """What arrives at each place, added up by token and by position."""
    width, answer = incoming["shape"][2], {}
    places = [(token, t) for row in rows for t, token in enumerate(row)]
    for which, name in enumerate(("wte", "wpe")):
        grad = [[0.0] * width for _ in tables[name]]
        for n, place in enumerate(places):
            for c in range(width):
                grad[place[which]][c] += incoming["values"][n * width + c]
        answer[name] = tensor([len(grad), width], [number for row in grad for number in row])
    return answer


def agree(check: Check, why: str, probe: str, cases: list[tuple[list, Any]]) -> None:
    """The learner's answers to (arguments, wanted answer) against the reference's and against the wanted ones."""
    got = check.same_each(probe, [args for args, _ in cases], why=why)
    check.close(got, [want for _, want in cases], why=why)


def agree_on_embed(check: Check, why: str, sizes: dict[str, Any], asked: list[list[list[int]]], **extra: str) -> None:
    tables = check.reference("tables", sizes)
    agree(
        check, why, "embedded", [([sizes, tokens_of(rows, **extra), "float64"], sums(tables, rows)) for rows in asked]
    )


def test_names_and_shapes(check: Check) -> None:
    """A state holds the matrices of the model under their names, in their order and shapes."""
    cases = []
    for numbers in ((5, 3, 1, 4), (7, 4, 2, 9), (6, 2, 3, 5)):
        cases.append(([sizes_of(check, *numbers)], shapes_of(*numbers)))
    agree(check, NAMES, "shapes", cases)
    agree(check, "init_state takes its arguments in another order than the exercise says", "shapes_by_place", cases)


def test_leaves_that_require_a_gradient(check: Check) -> None:
    """Every matrix is a leaf that requires a gradient: it can learn, and nothing was computed before it."""
    why = "every matrix must require a gradient and be a leaf: not the result of a calculation that is recorded"
    sizes = sizes_of(check, 5, 4, 2, 6), sizes_of(check, 7, 2, 1, 3)
    agree(check, why, "leaves", [([size], [[True, True]] * (3 + 6 * size["layers"])) for size in sizes])


def test_defaults(check: Check) -> None:
    """n_embd is 16, n_layer 1, block_size 16 and std 0.08 where they are not given: 4,192 parameters for 27 tokens."""
    seed = check.rng.getrandbits(31)
    why = "the defaults are n_embd=16, n_layer=1, block_size=16"
    agree(check, why, "default_shapes", [([27, seed], shapes_of(27, 16, 1, 16)), ([5, seed], shapes_of(5, 16, 1, 16))])
    found = moments(check, None, [math.prod(shape) for _, shape in shapes_of(27, 16, 1, 16)])
    require_gaussian(check, [together(found)], 0.08)


def moments(check: Check, sizes: dict[str, Any] | None, counts: list[int]) -> list[list[float]]:
    """For every matrix [how many numbers, mean of x, of x^2, of x^4], with the counts that belong there."""
    found = check.learner("moments", sizes, check.rng.getrandbits(31))
    check.require(well_formed(found), SPREAD)
    check.close([row[0] for row in found], [float(count) for count in counts], why=NAMES)
    return found


def well_formed(found: Any) -> bool:
    """Whether this is a list of lists of four finite floats."""
    rows = found if type(found) is list else [None]
    return all(
        type(row) is list and len(row) == 4 and all(type(x) is float and math.isfinite(x) for x in row) for row in rows
    )


def require_gaussian(check: Check, found: list[list[float]], std: float) -> None:
    """Mean and standard deviation of each matrix.

    Of n Gaussian numbers the mean is known to std / sqrt(n), and the mean square to std^2 sqrt(2 / n). With some 600
    numbers eight of these widths are left by chance less than once in 10^9 draws, and are still only half of std^2.
    """
    for n, mean, square, _ in found:
        check.require(abs(mean) <= 8 * std / math.sqrt(n), SPREAD)
        check.require(abs(square - std**2) <= 8 * std**2 * math.sqrt(2 / n), SPREAD)


def together(found: list[list[float]]) -> list[float]:
    """The moments of all matrices as if they were one."""
    total = math.fsum(row[0] for row in found)
    return [total, *(math.fsum(row[0] * row[k] for row in found) / total for k in (1, 2, 3))]


def test_numbers_are_gaussian(check: Check) -> None:
    """Every matrix holds Gaussian numbers of mean 0 and standard deviation std."""
    numbers = (40, 24, 2, 48)
    for std in (0.3, 2.0):
        found = moments(check, sizes_of(check, *numbers, std), [math.prod(shape) for _, shape in shapes_of(*numbers)])
        require_gaussian(check, found, std)
        # of n numbers the mean fourth power, 3 std^4, is known to std^4 sqrt(96 / n); a uniform distribution has 1.8
        n, _, _, fourth = together(found)
        check.require(abs(fourth - 3 * std**4) <= 8 * std**4 * math.sqrt(96 / n), SPREAD)


def test_every_number_is_drawn(check: Check) -> None:
    """No number stands for several: neither rows nor matrices are copies, and no two share their memory."""
    sizes = sizes_of(check, 5, 4, 2, 6)
    total = sum(math.prod(shape) for _, shape in shapes_of(5, 4, 2, 6))
    got = check.learner("different_numbers", sizes)
    # 448 draws of some 2^24 possible numbers: two are equal by chance once in a hundred times, eight pairs never
    check.require(type(got) is list and len(got) == 2 and got[0] == total, NAMES)
    check.require(type(got[1]) is int and got[1] >= total - 8, "numbers repeat: rows or matrices are copies")
    why = "writing into one matrix changes another, or another row: each has memory of its own"
    agree(check, why, "overwritten", [([sizes], [True] * 15)])


def test_a_generator_is_given(check: Check) -> None:
    """All numbers come from the generator that is given: its seed repeats them, and the global one stands still."""
    sizes, seed = sizes_of(check, 5, 4, 2, 6), check.rng.getrandbits(31)
    first, again, other = check.learner_each("state_from", [[sizes, seed], [sizes, seed], [sizes, seed + 1]])
    check.close(again, first, why=GIVEN)
    check.require(type(first) is dict and type(other) is dict and list(first) == list(other), NAMES)
    check.require(all(first[name] != other[name] for name in first), GIVEN)
    agree(check, GIVEN, "moved", [([sizes, seed, True], {"global": False, "given": True})])


def test_no_generator_is_given(check: Check) -> None:
    """Without a generator torch's global one is used: each call gives other numbers, manual_seed repeats them."""
    sizes, seed = sizes_of(check, 5, 4, 1, 6), check.rng.getrandbits(31)
    first, again, other = check.learner_each(
        "state_of_global", [[sizes, seed, 2], [sizes, seed, 2], [sizes, seed + 1, 2]]
    )
    check.close(again, first, why=GLOBAL)
    states = [*(first if type(first) is list else []), *(other if type(other) is list else [])]
    check.require(len(states) == 4 and all(type(state) is dict for state in states), GLOBAL)
    check.require(all(list(state) == list(states[0]) for state in states), NAMES)
    for name in states[0]:
        distinct = [i for i, state in enumerate(states) if all(state[name] != earlier[name] for earlier in states[:i])]
        check.require(len(distinct) == 4, GLOBAL)
    agree(check, GLOBAL, "moved", [([sizes, seed, False], {"global": True, "given": False})])


def test_what_follows_changes_nothing(check: Check) -> None:
    """Matrices are drawn in the order of the state: what comes first does not depend on what follows."""
    seed = check.rng.getrandbits(31)
    sizes = sizes_of(check, 5, 4, 1, 6)
    cases = [[size, seed] for size in (sizes, {**sizes, "layers": 3}, {**sizes, "block": 9})]
    one, more_layers, longer = check.learner_each("state_from", cases)
    why = "the first matrices change with the number of layers or with block_size: draw them in the order of the state"
    check.require(
        all(type(state) is dict and set(state) >= {"wte", "wpe", "lm_head"} for state in (one, longer)), NAMES
    )
    check.require(type(more_layers) is dict and set(more_layers) >= set(one), NAMES)
    check.close(
        [more_layers[name] for name in ("wte", "wpe", "lm_head")], [one["wte"], one["wpe"], one["lm_head"]], why=why
    )
    check.close(longer["wte"], one["wte"], why=why)


def test_parameters(check: Check) -> None:
    """parameters lists the tensors of the state themselves, no copies, in the order of the state."""
    why = "parameters must list every tensor of the state itself, no copy of it, in the order of the state"
    cases = [(numbers, list(range(3 + 6 * numbers[2]))) for numbers in ((5, 2, 1, 3), (4, 2, 2, 3), (3, 2, 3, 4))]
    agree(check, why, "places_of_parameters", [([sizes_of(check, *numbers)], places) for numbers, places in cases])


def test_rows_are_added(check: Check) -> None:
    """embed gives, for every token, its row of wte plus the row of wpe for its place: 0, 1, 2, ..."""
    asked = [[[2]], [[6]], random_tokens(check, 1, 3, 7), random_tokens(check, 4, 2, 7)]
    agree_on_embed(check, SUM, sizes_of(check, 7, 4, 1, 5), asked)


def test_positions_belong_to_the_sequence(check: Check) -> None:
    """Every row of a batch starts at position 0, and equal sizes do not confuse batch, positions and features."""
    sizes = sizes_of(check, 7, 4, 2, 5)
    same = [[3] * 4, [3] * 4, [5] * 4]
    asked = [random_tokens(check, batch, length, 7) for batch, length in ((3, 3), (4, 4), (2, 5), (5, 5), (4, 1))]
    why = "positions are wrong in a batch: row p of wpe belongs to the tokens at place p of every sequence"
    agree_on_embed(check, why, sizes, [same, *asked])
    agree_on_embed(check, why, sizes, [random_tokens(check, 3, 4, 7)], layout="strided")
    square = sizes_of(check, 4, 4, 1, 4)
    agree_on_embed(check, why, square, [random_tokens(check, 4, 4, 4), [[0, 1, 2, 3], [3, 2, 1, 0]]])


def test_gradients(check: Check) -> None:
    """What arrives at a place is added to its token's row and to its position's row; unused rows get 0."""
    sizes, cases = sizes_of(check, 6, 3, 1, 5), []
    tables = check.reference("tables", sizes)
    for rows in ([[4, 4, 1], [4, 0, 4]], random_tokens(check, 3, 5, 6), random_tokens(check, 1, 2, 6)):
        shape = [len(rows), len(rows[0]), 3]
        incoming = tensor(shape, [check.rng.uniform(-3, 3) for _ in range(math.prod(shape))])
        cases.append(([sizes, tokens_of(rows), incoming], gradients_of(tables, rows, incoming)))
    agree(check, GRADIENT, "gradients", cases)


def test_tokens_outside(check: Check) -> None:
    """A token outside the table raises IndexError, wherever it stands, a negative one too; the last one does not."""
    check.learner("embedded", sizes_of(check, 5, 4, 1, 8), tokens_of([[0, 4], [4, 0]]), "float64")
    for vocab, block, bad in ((5, 8, -1), (5, 8, -5), (5, 8, 5), (5, 8, 7), (5, 3, -2), (6, 4, 100)):
        rows = random_tokens(check, 2, 3, vocab)
        rows[check.rng.randrange(2)][check.rng.randrange(3)] = bad
        check.raises(IndexError, "embedded", sizes_of(check, vocab, 4, 1, block), tokens_of(rows), "float64")


def test_too_many_positions(check: Check) -> None:
    """More tokens than wpe has rows raise IndexError; exactly as many do not."""
    for vocab, block, batch, length in ((5, 3, 2, 4), (9, 3, 1, 4), (4, 5, 3, 20), (5, 1, 4, 2)):
        sizes = sizes_of(check, vocab, 4, 1, block)
        check.raises(IndexError, "embedded", sizes, tokens_of(random_tokens(check, batch, length, vocab)), "float64")
    sizes, cases = sizes_of(check, 9, 4, 1, 3), []
    for batch in (1, 5):
        tokens = tokens_of(random_tokens(check, batch, 3, 9))
        cases.append(([sizes, tokens, "float64"], {"dtype": "float64", "shape": [batch, 3, 4]}))
    why = "as many tokens as wpe has rows must be possible, however many sequences there are"
    agree(check, why, "embedded_shape", cases)


def test_nothing_else_is_changed(check: Check) -> None:
    """float32 gives float32 and float64 float64; the state, the tokens and all global settings stay as they are."""
    sizes, rows = sizes_of(check, 5, 4, 2, 6), random_tokens(check, 2, 3, 5)
    why = "float32 must give float32 and float64 float64"
    cases = [([sizes, tokens_of(rows), one], {"dtype": one, "shape": [2, 3, 4]}) for one in ("float32", "float64")]
    agree(check, why, "embedded_shape", cases)
    got = check.same("after", sizes, tokens_of(rows), why=CHANGED)
    want = {"names": True, "state": [True] * 15, "tokens": tokens_of(rows)["values"], "settings": []}
    check.close(got, want, why=CHANGED)
