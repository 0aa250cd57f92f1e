"""Tests of 06_embedding, pure track: run them with `pytest exercises/06_embedding/test_embedding.py`.

The state first: names, shapes, numbers, generators. Then the list of all parameters, then embeddings, whose gradients
need 02_backward.
"""

import random

import expect
import pytest

SHAPES = {  # of 5 tokens, 3 columns, 2 layers, 4 positions
    "wte": (5, 3),
    "wpe": (4, 3),
    "lm_head": (5, 3),
    "layer0.attn_wq": (3, 3),
    "layer0.attn_wk": (3, 3),
    "layer0.attn_wv": (3, 3),
    "layer0.attn_wo": (3, 3),
    "layer0.mlp_fc1": (12, 3),
    "layer0.mlp_fc2": (3, 12),
    "layer1.attn_wq": (3, 3),
    "layer1.attn_wk": (3, 3),
    "layer1.attn_wv": (3, 3),
    "layer1.attn_wo": (3, 3),
    "layer1.mlp_fc1": (12, 3),
    "layer1.mlp_fc2": (3, 12),
}
COUNT = sum(rows * columns for rows, columns in SHAPES.values())


@pytest.fixture
def fresh(embedding):
    """A new state of 5 tokens, 3 columns, 2 layers and 4 positions, from a generator or without one."""

    def init(rng=None, std=0.5):
        given = {} if rng is None else {"rng": rng}
        return embedding.init_state(vocab_size=5, n_embd=3, n_layer=2, block_size=4, std=std, **given)

    return init


@pytest.fixture
def state(value):
    """A state of 5 tokens, 3 columns, 2 layers and 4 positions that init_state has no part in: 1/8, 4/8, 9/8, ..."""
    numbers = iter(range(1, COUNT + 1))
    return {
        name: [[value.Value(next(numbers) ** 2 / 8) for _ in range(columns)] for _ in range(rows)]
        for name, (rows, columns) in SHAPES.items()
    }


def numbers(state, name):
    """The numbers in a matrix of the state, which must be a list of lists of Values."""
    __tracebackhide__ = True
    assert name in state, f"the state has no {name}"
    matrix = state[name]
    assert type(matrix) is list, f"{name} is not a list of rows"
    assert all(type(row) is list for row in matrix), f"a row of {name} is not a list"
    return [expect.values(row, len(row), f"{name}[{o}]") for o, row in enumerate(matrix)]


def entries(state):
    """All Values of a state."""
    return [one for matrix in state.values() for row in matrix for one in row]


def data(nodes):
    """The numbers in Values."""
    return [node.data for node in nodes]


def gradients(matrix):
    """What the Values of a matrix hold."""
    return [[node.grad for node in row] for row in matrix]


# The state


def test_names(fresh):
    """The state is a dict of all matrices, in their order."""
    state = fresh(random.Random(1))
    assert isinstance(state, dict), "init_state() must return a dict"
    missing = [name for name in SHAPES if name not in state]
    assert not missing, f"the state has no {missing[0]}; of {len(state)} names the last is {list(state)[-1]}"
    more = [name for name in state if name not in SHAPES]
    assert not more, f"the state has {more[0]}, which does not belong there"
    assert list(state) == list(SHAPES), f"the matrices must stand in the order {', '.join(SHAPES)}"


def test_shapes(fresh):
    """Each matrix has one row per output and one column per input."""
    state = fresh(random.Random(1))
    for name, (rows, columns) in SHAPES.items():
        lengths = [len(row) for row in numbers(state, name)]
        turned = " (rows and columns exchanged?)" if lengths == [rows] * columns and rows != columns else ""
        assert len(lengths) == rows, f"{name} has {len(lengths)} rows; it must have {rows}, one per output{turned}"
        assert lengths == [columns] * rows, f"the rows of {name} have {lengths} numbers; {columns} belong into each"


def test_sizes_of_their_own(embedding):
    """Without other sizes there are 16 columns, 1 layer and 16 positions: 4,192 numbers for 27 tokens."""
    state = embedding.init_state(27)
    assert len(entries(state)) == 4192, f"init_state(27) has {len(entries(state))} numbers; it must have 4192"
    assert len(state) == 9, f"init_state(27) has {len(state)} matrices; it must have 9"


def test_numbers_come_in_order(fresh):
    """Every entry is rng.gauss(0, std), drawn matrix by matrix and row by row."""
    state, rng, flat = fresh(random.Random(7), std=0.5), random.Random(7), random.Random(7)
    other = numbers(fresh(random.Random(8), std=0.5), "wte")
    assert numbers(state, "wte") != other, "seeds 7 and 8 give the same state: is the given rng what draws the numbers?"
    drawn = [rng.gauss(0, 0.5) for _ in range(COUNT)]
    wte = [drawn[i : i + 3] for i in range(0, 15, 3)]
    slips = [
        ([wte[0]] * 5, "all rows are the first one: a row is drawn for each token"),
        ([[number] * 3 for number in drawn[:5]], "one number fills a row: each entry is drawn for itself"),
        ([drawn[o:15:5] for o in range(5)], "the first column is drawn first: draw row by row"),
        ([[0.5 * number for number in row] for row in wte], "gauss wants the standard deviation, not its square"),
        ([[flat.uniform(-0.5, 0.5) for _ in range(3)] for _ in range(5)], "this is rng.uniform: no Gaussian"),
    ]
    at = 0
    for name, (rows, columns) in SHAPES.items():
        want = [drawn[at + o * columns : at + (o + 1) * columns] for o in range(rows)]
        at += rows * columns
        tied = [(numbers(state, "wte"), "these are the numbers of wte: in this model the two are drawn apart")]
        what = f"{name} from random.Random(7), with a std of 0.5"
        expect.close(numbers(state, name), want, what, slips=slips if name == "wte" else tied)


def test_std_of_its_own(embedding):
    """Without another std it is 0.08."""
    state, rng = embedding.init_state(2, rng=random.Random(3)), random.Random(3)
    want = [rng.gauss(0, 0.08) for _ in range(16)]
    expect.close(numbers(state, "wte")[0], want, "the first row of wte from random.Random(3)")


def test_the_generator_goes_on(fresh):
    """The generator is used from where it is: two states from one generator differ, and it is moved by both."""
    rng, twin = random.Random(7), random.Random(7)
    both = [numbers(fresh(rng), "wte") for _ in range(2)]
    drawn = [twin.gauss(0, 0.5) for _ in range(2 * COUNT)]
    want = [[drawn[start + 3 * o : start + 3 * o + 3] for o in range(5)] for start in (0, COUNT)]
    slips = [([want[0], want[0]], "the second state repeats the first: was the generator copied, or seeded again?")]
    expect.close(both, want, "wte of two states from one generator", slips=slips)
    expect.close(rng.random(), twin.random(), "the next number of the generator afterwards")


def test_without_a_generator(fresh):
    """Without rng a generator of the function's own is used: the module's global one does not move."""
    random.seed(5)
    fresh()
    moved = "init_state without rng has moved the generator of the module random, which the whole program shares"
    assert random.random() == random.Random(5).random(), moved


def test_every_entry_is_a_value_of_its_own(fresh):
    """No Value, row or matrix stands at two places, and none was made from others."""
    found = entries(fresh(random.Random(1)))
    assert len({id(one) for one in found}) == len(found), "one Value stands at several places of the state"
    assert all(not one._children for one in found), "an entry of the state has children: it must be a new Value(...)"


# All parameters


def test_parameters(embedding, state):
    """parameters gives the state's own Values in one flat list, in the order of the state."""
    found = embedding.parameters(state)
    assert type(found) is list, f"parameters() is {expect.show(found)}; it must be a list of Value"
    if any(type(one) is list for one in found):
        raise expect.Failure("parameters() holds lists: put the Values of all rows into one flat list")
    without = COUNT - sum(rows * columns for name, (rows, columns) in SHAPES.items() if name.startswith("layer1"))
    assert len(found) != without, "parameters() has nothing of layer1: how many layers has this state?"
    expect.close(expect.values(found, COUNT, "parameters()"), data(entries(state)), "the numbers in parameters()")
    own = all(a is b for a, b in zip(found, entries(state), strict=True))
    assert own, "parameters() must hold the Values of the state themselves, not copies: Adam changes them in place"


# Embeddings


def test_embed(embedding, state):
    """embed adds the token's row and the position's row."""
    exchanged = [a + b for a, b in zip(data(state["wte"][3]), data(state["wpe"][0]))]  # of embed(state, 0, 3)
    for token_id, pos_id in ((0, 3), (4, 1), (2, 2)):
        what = f"embed(state, {token_id}, {pos_id})"
        token, position = data(state["wte"][token_id]), data(state["wpe"][pos_id])
        slips = [
            (exchanged, "this is the sum for token 3 at position 0: which id belongs to which table?"),
            ([number + pos_id for number in token], "a position is a label too: add its row of wpe, not the id"),
            (token, "this is the row of wte alone: where does the position come in?"),
        ]
        found = embedding.embed(state, token_id=token_id, pos_id=pos_id)
        if type(found) is list and len(found) == 6:
            raise expect.Failure(
                f"{what} has 6 numbers, not 3: + puts two lists one behind the other, and adds nothing"
            )
        want = [token[0] + position[0], token[1] + position[1], token[2] + position[2]]
        expect.close(expect.values(found, 3, what), want, what, slips=slips)


def test_embed_with_more_positions_than_tokens(embedding, state):
    """A position may be beyond the last token's number: each id belongs to a table of its own."""
    state = {name: matrix[:2] if name in ("wte", "lm_head") else matrix for name, matrix in state.items()}
    token, position = data(state["wte"][1]), data(state["wpe"][3])
    with expect.slip(IndexError, "2 tokens have room for 4 positions: by the length of which table is each id judged?"):
        found = expect.values(embedding.embed(state, 1, 3), 3, "embed(state, 1, 3)")
    want = [token[0] + position[0], token[1] + position[1], token[2] + position[2]]
    expect.close(found, want, "embed(state, 1, 3) of 2 tokens and 4 positions")


def test_ids_outside_their_tables(embedding, state):
    """A token or a position below 0, or beyond its own table, raises IndexError."""
    for token_id, pos_id in ((5, 0), (0, 4), (-1, 2), (2, -1), (-5, 0), (0, -4)):
        expect.error(IndexError, f"embed(state, {token_id}, {pos_id})", embedding.embed, state, token_id, pos_id)


def test_gradients_of_embed(embedding, backward, state):
    """The gradient of each number goes to the token's row and to the position's row, and to no other."""
    x = embedding.embed(state, 1, 2)
    backward.backward(x[0] * 1.0 + x[1] * -2.0 + x[2] * 0.5)
    row, zeros = [1.0, -2.0, 0.5], [0.0, 0.0, 0.0]
    lost = "nothing arrives: is the sum made of the table's own Values, or of numbers read from them?"
    want, slips = [zeros, row, zeros, zeros, zeros], [([zeros] * 5, lost)]
    expect.close(gradients(state["wte"]), want, "the gradients of wte for token 1", slips=slips)
    want, slips = [zeros, zeros, row, zeros], [([zeros] * 4, lost)]
    expect.close(gradients(state["wpe"]), want, "the gradients of wpe for position 2", slips=slips)


def test_gradients_add_up(embedding, backward, state):
    """A token that stands at two positions gets its gradient from both."""
    first, second = embedding.embed(state, 1, 0), embedding.embed(state, 1, 3)
    backward.backward(first[0] * 2.0 + second[0] * 3.0 + second[1])
    expect.close(gradients(state["wte"])[1], [5.0, 1.0, 0.0], "the gradients of the row of token 1, used twice")
    expect.close(gradients(state["wpe"])[3], [3.0, 1.0, 0.0], "the gradients of the row of position 3")


def test_the_state_is_left_alone(embedding, state):
    """embed makes new Values: both tables stay as they are."""
    before, count = data(entries(state)), len(entries(state))
    embedding.embed(state, 1, 2)
    own = "the row of the table has become the sum: where does embed write?"
    assert len(entries(state)) == count, f"embed() has made a row of the state longer or shorter: {own}"
    assert data(entries(state)) == before, f"embed() has changed numbers in the state: {own}"
