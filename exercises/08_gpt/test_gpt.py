"""Tests of 08_gpt, pure track: run them with `pytest exercises/08_gpt/test_gpt.py`.

The MLP first. Then a ladder for the model: attention and MLP switched off (weights of 0), then one of them, then
everything; last the caches, and gradients (they need 02_backward). The first that fails is the one to look at first.
"""

import math

import expect
import pytest

EPS = 1e-5  # of rmsnorm

# x = [1, -2] makes eight hidden numbers: 1, -2, -1, 2, -1, 1, 3, 1
X = [1.0, -2.0]
FC1 = [[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0], [1.0, 1.0], [3.0, 1.0], [1.0, -1.0], [-1.0, -1.0]]
FC2 = [[1.0, 5.0, 7.0, -1.0, 2.0, 3.0, -2.0, 1.0], [-3.0, 1.0, 2.0, 1.0, 4.0, -1.0, 1.0, -6.0]]


@pytest.fixture
def made(value):
    """Values from numbers, rows of Values from rows of numbers, a state of Values from a state of numbers."""

    def make(numbers):
        if type(numbers) is dict:
            return {name: make(matrix) for name, matrix in numbers.items()}
        return [make(number) if type(number) is list else value.Value(number) for number in numbers]

    return make


@pytest.fixture
def feed(gpt):
    """The logits (lists of Values) of tokens at positions 0, 1, ..., and the keys and values that were cached."""

    def run(state, tokens, *n_head):
        layers = sum(name.endswith("attn_wq") for name in state)
        keys, values = [[] for _ in range(layers)], [[] for _ in range(layers)]
        rows = [gpt.gpt(state, token, position, keys, values, *n_head) for position, token in enumerate(tokens)]
        return rows, keys, values

    return run


@pytest.fixture
def logits(made, feed):
    """The logits as numbers."""

    def run(state, tokens, *n_head):
        rows, _, _ = feed(made(state), tokens, *n_head)
        vocab = len(state["wte"])
        return [expect.values(row, vocab, f"gpt() at position {position}") for position, row in enumerate(rows)]

    return run


def matrix(n_out, n_in, seed):
    """Rows of numbers between -1 and 1, the same at every call, without any pattern that matters."""
    return [[((37 * i + 11 * j + 13 * i * j + 7 * seed) % 23 - 11) / 11 for j in range(n_in)] for i in range(n_out)]


def numbers(layers, n_embd=4, vocab=5, block_size=3, **others):
    """A state of numbers. `others` (attn_wo=0) multiply the matrices of that name in every layer."""
    state = {"wte": (vocab, n_embd), "wpe": (block_size, n_embd), "lm_head": (vocab, n_embd)}
    for i in range(layers):
        state |= {f"layer{i}.attn_{name}": (n_embd, n_embd) for name in ("wq", "wk", "wv", "wo")}
        state |= {f"layer{i}.mlp_fc1": (4 * n_embd, n_embd), f"layer{i}.mlp_fc2": (n_embd, 4 * n_embd)}
    for seed, (name, shape) in enumerate(state.items()):
        factor = others.get(name.split(".")[-1], 1)
        state[name] = [[factor * x for x in row] for row in matrix(*shape, seed)]
    return state


def product(w, x):
    return [sum(a * b for a, b in zip(row, x)) for row in w]


def plus(a, b):
    return [x + y for x, y in zip(a, b)]


def normed(x):
    return [n / math.sqrt(sum(m * m for m in x) / len(x) + EPS) for n in x]


# What mistakes give, at position 0: attention sees one position only there, and is wo (wv x).
# Each is what a layer makes of x, where `see` is attention, `think` is the MLP, and `norm` is rmsnorm.


def replaced(x, see, think, norm):
    return think(norm(see(norm(x))))


def stream_normed(x, see, think, norm):
    x = plus(norm(x), see(norm(x)))
    return plus(norm(x), think(norm(x)))


def not_normed(x, see, think, norm):
    x = plus(x, see(x))
    return plus(x, think(x))


def mlp_first(x, see, think, norm):
    x = plus(x, think(norm(x)))
    return plus(x, see(norm(x)))


def side_by_side(x, see, think, norm):
    return plus(plus(x, see(norm(x))), think(norm(x)))


def right(x, see, think, norm):
    x = plus(x, see(norm(x)))
    return plus(x, think(norm(x)))


MISTAKES = {
    replaced: "x is replaced by the results of attention and MLP: they are added to x",
    stream_normed: "the results are added to the normed x: x itself goes on, and only attention and MLP get it normed",
    not_normed: "attention and MLP get x as it is: they get rmsnorm(x)",
    mlp_first: "the MLP's turn is before that of attention: attention comes first",
    side_by_side: "attention and MLP get the same x: the MLP works on what attention has left",
}


def first_logits(state, token, layer, weights_of=lambda i: i, position=0):
    """The logits where a layer is `layer`, with the weights of layer weights_of(i), and nothing earlier is seen."""
    x = normed(plus(state["wte"][token], state["wpe"][position]))
    for i in range(sum(name.endswith("attn_wq") for name in state)):
        wv, wo, fc1, fc2 = (
            state[f"layer{weights_of(i)}.{name}"] for name in ("attn_wv", "attn_wo", "mlp_fc1", "mlp_fc2")
        )
        x = layer(
            x,
            lambda y, wv=wv, wo=wo: product(wo, product(wv, y)),
            lambda y, fc1=fc1, fc2=fc2: product(fc2, [max(0.0, h) for h in product(fc1, y)]),
            normed,
        )
    return product(state["lm_head"], x)


def slips_of(state, token):
    """The logits at position 0 that each mistake gives, with its sentence."""
    return [([first_logits(state, token, layer)], said) for layer, said in MISTAKES.items()]


# The MLP


def test_mlp(gpt, made):
    """mlp is fc2 relu(fc1 x): the negative ones of the hidden numbers are cut off, the outputs are not."""
    got = expect.values(gpt.mlp(x=made(X), fc1=made(FC1), fc2=made(FC2)), 2, "mlp()")
    slips = [
        (product(FC2, product(FC1, X)), "nothing is cut off: relu stands between the two matrices"),
        ([0.0, 0.0], "these are cut off as well: only hidden numbers go through relu, outputs may be negative"),
        ([-2.0, -7.0], "that is x + mlp(x): x is added in gpt, not here"),
    ]
    expect.close(got, [-3.0, -5.0], "mlp([1, -2]), fc2 [1, 0, 0, 2, 0, 1, 3, 1]", slips=slips)


def test_gradients_of_the_mlp(gpt, backward, made):
    """Gradients flow through the hidden numbers above 0 only."""
    x, fc1, fc2 = made(X), made(FC1), made(FC2)
    backward.backward(gpt.mlp(x, fc1, fc2)[0])
    into = [1.0, 0.0, 0.0, -1.0, 0.0, 3.0, -2.0, 1.0]  # the first row of fc2, 0 where cut off
    expect.close([n.grad for n in x], [7.0, 5.0], "the gradient of mlp()[0] by x")
    want = [[g * n for n in X] for g in into]
    expect.close([[n.grad for n in row] for row in fc1], want, "the gradient of mlp()[0] by fc1")
    want = [[1.0, 0.0, 0.0, 2.0, 0.0, 1.0, 3.0, 1.0], [0.0] * 8]
    expect.close([[n.grad for n in row] for row in fc2], want, "the gradient of mlp()[0] by fc2")


# The ladder of the model


@pytest.mark.parametrize("size", [1, 0.004])
def test_embedding_norm_and_head(logits, size):
    """Where attention and MLP add nothing, the logits are lm_head rmsnorm(token row + position row)."""
    state = numbers(2, attn_wo=0, mlp_fc2=0, wte=size, wpe=size)
    got = logits(state, [3, 3, 1], 2)
    for position, token in enumerate([3, 3, 1]):
        embedded = plus(state["wte"][token], state["wpe"][position])
        x = normed(embedded)
        slips = [
            (product(state["lm_head"], embedded), "the embedding is not normed: that comes before all layers"),
            (
                product(state["lm_head"], normed(x)),
                "a second norm: x is normed after the embedding, then only what a layer reads",
            ),
            (product(state["wte"], x), "that is wte x: lm_head is a matrix of its own"),
        ]
        what = f"the logits at position {position} without attention and MLP (one norm only, that of the embedding)"
        expect.close(got[position], product(state["lm_head"], x), what, slips=slips)


@pytest.mark.parametrize("size", [1, 0.004])
def test_mlp_branch(logits, size):
    """Where attention adds nothing, a layer is x = x + mlp(rmsnorm(x))."""
    state = numbers(1, attn_wo=0, wte=size, wpe=size)
    x = normed(plus(state["wte"][2], state["wpe"][0]))
    hidden = [max(0.0, h) for h in product(state["layer0.mlp_fc1"], normed(x))]
    want = product(state["lm_head"], plus(x, product(state["layer0.mlp_fc2"], hidden)))
    what = "the logits without attention, lm_head (x + mlp(rmsnorm(x)))"
    expect.close(logits(state, [2], 2), [want], what, slips=slips_of(state, 2))


@pytest.mark.parametrize("size", [1, 0.004])
def test_attention_branch(logits, size):
    """Where the MLP adds nothing, a layer is x = x + attention(rmsnorm(x)), which is wo (wv x) at position 0."""
    state = numbers(1, mlp_fc2=0, wte=size, wpe=size)
    x = normed(plus(state["wte"][2], state["wpe"][0]))
    seen = product(state["layer0.attn_wo"], product(state["layer0.attn_wv"], normed(x)))
    want = product(state["lm_head"], plus(x, seen))
    what = "the logits without MLP, lm_head (x + attention(rmsnorm(x)))"
    expect.close(logits(state, [2], 2), [want], what, slips=slips_of(state, 2))


# Logits of the states above for tokens 4, 0, 2, one row per position, computed with the course's own solution
ONE = [
    [3.87052963009, -0.513128358181, -2.47709346826, 0.249067869866, -1.64250403169],
    [4.96939305787, -0.853759366221, -8.48370869388, 0.039406392091, 3.47490924393],
    [4.42762717645, -0.462795101625, -7.97675933521, 1.21054560003, 2.33858655872],
]
TWO = [
    [1.91839134962, 0.505437946271, -2.4932143867, 3.17059201234, -2.59576897526],
    [4.07815477432, 0.819989411263, -12.1835396073, 0.402589018741, 7.7027958142],
    [3.91359561471, 0.956137700009, -11.0867497837, 2.48039835917, 4.6927558098],
]
FOUR = [3.91024913563, -0.624264567061, -6.659813936, 1.33716073551, 1.41240406486]  # heads, one layer, position 2


def test_one_layer(logits):
    """Attention first, then the MLP, each added to x: the logits of a model of one layer at three positions."""
    got, with_four = (logits(numbers(1), [4, 0, 2], heads) for heads in (2, 4))
    expect.close(got[:1], ONE[:1], "the logits of one layer at position 0", rel=1e-8, slips=slips_of(numbers(1), 4))
    for position in (1, 2):
        alone = first_logits(numbers(1), [4, 0, 2][position], right, position=position)
        slips = [
            (alone, "nothing earlier is seen: are the caller's lists what attention reads and appends to?"),
            (with_four[position], "2 heads or 4 make no difference: is n_head handed to attention?"),
        ]
        what = f"the logits of one layer at position {position}"
        expect.close(got[position], ONE[position], what, rel=1e-8, slips=slips)


def test_two_layers(logits):
    """Each layer has its own weights and works on what the layer before has left in x."""
    got, same = logits(numbers(2), [4, 0, 2], 2), first_logits(numbers(2), 4, right, lambda i: 0)
    slips = [([same], "the weights of layer 0 are used in both layers"), *slips_of(numbers(2), 4)]
    expect.close(got[:1], TWO[:1], "the logits of two layers at position 0", rel=1e-8, slips=slips)
    for position in range(1, 3):
        expect.close(got[position], TWO[position], f"the logits of two layers at position {position}", rel=1e-8)


def test_four_heads_unless_told(logits):
    """n_head is handed to attention, and is 4 where it is not given."""
    state = numbers(1)
    with_four = logits(state, [4, 0, 2], 4)
    expect.close(logits(state, [4, 0, 2]), with_four, "the logits without n_head, those of four heads,")
    expect.close(with_four[2], FOUR, "the logits of four heads at position 2", rel=1e-8)


# The caches, and what depends on what


def test_each_layer_has_its_own_caches(made, feed):
    """After two positions, keys[i] and values[i] hold two rows each: wk and wv of layer i times rmsnorm(x)."""
    state = numbers(2, wte=0.004, wpe=0.004)
    _, keys, values = feed(made(state), [1, 3], 2)
    exchanged = "keys and values are exchanged: in which order does attention take the two lists?"
    for name, w, other, cached in (("keys", "wk", "wv", keys), ("values", "wv", "wk", values)):
        for i in range(2):
            assert len(cached[i]) == 2, f"{name}[{i}] holds {len(cached[i])} rows after two positions; 2 belong there"
        for position, token in enumerate([1, 3]):
            x = normed(plus(state["wte"][token], state["wpe"][position]))
            row = expect.values(cached[0][position], 4, f"{name}[0][{position}]")
            want = product(state[f"layer0.attn_{w}"], normed(x))
            slips = [(product(state[f"layer0.attn_{other}"], normed(x)), exchanged)]
            expect.close(row, want, f"{name}[0][{position}] ({w} rmsnorm(x))", slips=slips)


def test_later_tokens_change_nothing(logits):
    """What follows a position does not change its logits, and what went before does."""
    state = numbers(1)
    first, other, last = (logits(state, tokens, 2) for tokens in ([4, 0, 2], [1, 0, 2], [4, 0, 3]))
    expect.close(last[:2], first[:2], "the logits at positions 0 and 1 when only the token at position 2 is another")
    for position in (1, 2):
        gap = max(abs(a - b) for a, b in zip(first[position], other[position]))
        assert gap > 1e-3, f"the logits at position {position} are the same when the token at position 0 is another"


def test_ids_outside_their_tables(logits):
    """A token outside the vocabulary and a position beyond the block end in an IndexError, embed's."""
    state = numbers(1)
    expect.error(IndexError, "gpt() of token 5 with a vocabulary of 5", logits, state, [5], 2)
    expect.error(IndexError, "gpt() at position 3 with a block size of 3", logits, state, [1, 2, 3, 4], 2)


# Gradients, by way of your backward


def loss(rows):
    """One Value to walk back from: a sum of all logits with different weights."""
    terms = [x * (((5 * t + 3 * i) % 7) / 3 - 0.75) for t, row in enumerate(rows) for i, x in enumerate(row)]
    return sum(terms[1:], terms[0])


def test_gradients(backward, made, feed):
    """The gradient by a parameter is the change of the logits when it changes by a little (one number a matrix)."""
    tokens, h = [4, 0], 1e-5
    state = made(numbers(2))
    backward.backward(loss(feed(state, tokens, 2)[0]))
    for seed, (name, rows) in enumerate(state.items()):
        i, j = {"wte": 4, "wpe": 1}.get(name, (2 * seed) % len(rows)), (3 * seed) % len(rows[0])
        ends = []
        for change in (h, -h):
            moved = numbers(2)
            moved[name][i][j] += change
            ends.append(expect.value(loss(feed(made(moved), tokens, 2)[0]), "the sum of the logits"))
        what = f"the gradient by {name}[{i}][{j}] (is everything from there to the logits a Value?)"
        # a difference over 2e-5 is off by some 1e-8
        expect.close(rows[i][j].grad, (ends[0] - ends[1]) / (2 * h), what, rel=1e-5, abs=1e-6)


# The graph


def test_only_operations_of_step_01(made, feed):
    """Every Value is the result of one operation of step 01, which has one or two operands."""
    nodes = list(feed(made(numbers(1)), [4, 0], 2)[0][1])
    seen = {id(node) for node in nodes}
    for node in nodes:  # grows while it is walked
        count = len(node._children)
        assert count <= 2, f"a Value has {count} children: no operation of step 01 makes it"
        new = [child for child in node._children if id(child) not in seen]
        seen.update(id(child) for child in new)
        nodes.extend(new)
