"""Tests of 06_embedding, torch track: run them with `pytest exercises/06_embedding/test_embedding_torch.py`.

First what a fresh state looks like and where its numbers come from, then the sum of two rows and its gradients.
"""

import expect
import pytest
import torch

# What is to be written in this step: torch's own versions
OWN = ("embedding", "embedding_bag", "_embedding_bag", "_embedding_bag_forward_only")
WTE = [[1.0, -2.0], [0.5, 4.0], [3.0, 0.25]]  # three tokens of two numbers
WPE = [[10.0, 20.0], [30.0, 40.0], [50.0, 60.0], [70.0, 80.0]]  # four positions


@pytest.fixture(autouse=True)
def generator_as_it_was():
    """What a test draws from torch's global generator is nothing to the others."""
    before = torch.get_rng_state()
    yield
    torch.set_rng_state(before)


def generator(seed):
    return torch.Generator().manual_seed(seed)


def small_state():
    """A state of 3 tokens and 4 positions, n_embd=2, with two layers of zeros."""
    shapes = {"attn_wq": (2, 2), "attn_wk": (2, 2), "attn_wv": (2, 2), "attn_wo": (2, 2)}
    shapes |= {"mlp_fc1": (8, 2), "mlp_fc2": (2, 8)}
    state = {"wte": torch.tensor(WTE), "wpe": torch.tensor(WPE), "lm_head": torch.zeros(3, 2)}
    state |= {f"layer{i}.{name}": torch.zeros(shape) for i in (0, 1) for name, shape in shapes.items()}
    return {name: matrix.double().requires_grad_() for name, matrix in state.items()}


def equal(a, b):
    """Whether two states hold the same numbers, matrix by matrix."""
    return [torch.equal(a[name].detach(), b[name].detach()) for name in a]


# A fresh state


def test_names_and_shapes(embedding_torch):
    """A state holds the matrices of the model under their names, in their order and shapes."""
    state = embedding_torch.init_state(5, n_embd=3, n_layer=2, block_size=4, std=0.1, generator=generator(1))
    layer = {"attn_wq": (3, 3), "attn_wk": (3, 3), "attn_wv": (3, 3), "attn_wo": (3, 3)}
    layer |= {"mlp_fc1": (12, 3), "mlp_fc2": (3, 12)}
    want = {"wte": (5, 3), "wpe": (4, 3), "lm_head": (5, 3)}
    want |= {f"layer{i}.{name}": shape for i in (0, 1) for name, shape in layer.items()}
    missing = [name for name in want if name not in state]
    assert not missing, f"the state has no {missing[0]}; of {len(state)} names the last is {list(state)[-1]}"
    assert list(state) == list(want), f"the names are {expect.show(list(state))}; {', '.join(want)} belong there"
    for name, shape in want.items():
        if tuple(state[name].shape) == shape[::-1] != shape:
            raise expect.Failure(f"{name} has rows and columns exchanged: one row per output makes {shape[0]} rows")
        expect.tensor(state[name], shape, f"{name} of the state")


def test_leaves_that_require_a_gradient(embedding_torch):
    """Every matrix is a leaf: made, not computed from another tensor, and it asks for a gradient."""
    for name, matrix in embedding_torch.init_state(5, generator=generator(1)).items():
        assert matrix.requires_grad, f"{name} does not require a gradient: it could not learn"
        assert matrix.is_leaf, f"{name} was computed from a tensor that requires a gradient: its own .grad stays None"


def test_defaults(embedding_torch):
    """With 27 tokens and the defaults there are 4,192 parameters, with a standard deviation of 0.08."""
    torch.manual_seed(8)
    matrices = list(embedding_torch.init_state(vocab_size=27).values())
    count = sum(matrix.numel() for matrix in matrices)
    assert count == 4192, f"the state holds {count} numbers; with the defaults 4192 belong there"
    numbers = torch.cat([matrix.detach().reshape(-1) for matrix in matrices]).double()
    # of n numbers the deviation is known to 1 / sqrt(2 n), 1.1 % here, the mean to 0.08 / sqrt(n), 0.0012: six of each
    slips = [
        (0.08**2, "that is the square of 0.08: std is the standard deviation, not the variance"),
        (1.0, "that is what randn gives by itself: where does std come in?"),
        (
            0.08 / 3**0.5,
            "numbers spread evenly from -0.08 to 0.08 have it: those are not Gaussian",
        ),
    ]
    expect.close(numbers.std(), 0.08, "the standard deviation of all numbers", rel=0.066, slips=slips)
    expect.close(numbers.mean(), 0.0, "the mean of all numbers", abs=0.0075)


def test_every_matrix_has_the_same_spread(embedding_torch):
    """Every matrix is Gaussian with the standard deviation std: none is zero, none is scaled by its size."""
    state = embedding_torch.init_state(30, n_embd=24, n_layer=2, block_size=36, std=0.5, generator=generator(2))
    for name, matrix in state.items():
        # the smallest matrix has 576 numbers: 3 % to each side is what chance does, and six times that is left
        slips = [
            (matrix.shape[1] ** -0.5, "scaled by the number of columns: here all matrices have the std that is given"),
            (0.0, "all its numbers are equal: they begin by chance, each by its own"),
        ]
        expect.close(matrix.detach().double().std(), 0.5, f"the standard deviation of {name}", rel=0.18, slips=slips)
        within = (matrix.detach().abs() < 0.5).double().mean()  # 68.3 % of Gaussian numbers, to 1.9 % each way
        expect.close(within, 0.683, f"the share of {name} within one standard deviation", abs=0.116)


def test_matrices_share_nothing(embedding_torch):
    """Writing into one matrix changes no other, and rows are no copies of each other."""
    state = embedding_torch.init_state(5, n_embd=3, n_layer=2, block_size=4, generator=generator(3))
    for name, matrix in state.items():
        rows = {tuple(row) for row in matrix.detach().tolist()}
        assert len(rows) == len(matrix), f"rows of {name} are copies of each other: draw numbers for each"
    with torch.no_grad():
        for i, matrix in enumerate(state.values()):
            matrix.fill_(i)
    for i, (name, matrix) in enumerate(state.items()):
        found = matrix[0, 0].item()
        assert found == i, f"writing into {list(state)[int(found)]} changes {name}: one tensor under two names?"
        expect.close(matrix, [[float(i)] * matrix.shape[1]] * matrix.shape[0], f"{name}, after {i} was written into it")


def test_a_generator_is_given(embedding_torch):
    """The numbers come from the generator that is given: its seed repeats them, and the global one stands still."""
    before = torch.get_rng_state()
    first, again, other = (embedding_torch.init_state(5, n_embd=3, generator=generator(seed)) for seed in (4, 4, 5))
    moved = "torch's global generator moved although another was given: which one draws? Does anything set a seed?"
    assert torch.equal(torch.get_rng_state(), before), moved
    assert all(equal(first, again)), "two generators of one seed gave two different states"
    assert not any(equal(first, other)), "generators of two seeds gave the same numbers"
    one = generator(4)
    pair = [embedding_torch.init_state(5, n_embd=3, generator=one) for _ in range(2)]
    if any(equal(*pair)):
        raise expect.Failure(
            "two states from one generator are the same: was it copied, or seeded again? It has to move on"
        )


def test_no_generator_is_given(embedding_torch):
    """Without one they come from torch's global generator: each call gives others, torch.manual_seed repeats them."""
    states = []
    for seed in (6, None, 6):
        if seed is not None:
            torch.manual_seed(seed)
        states.append(embedding_torch.init_state(5, n_embd=3))
    repeated = "two calls gave the same numbers: is a seed set, or a new Generator made? (They all begin alike.)"
    assert not any(equal(states[0], states[1])), repeated
    assert all(equal(states[0], states[2])), "after torch.manual_seed(6) the same numbers must come again"


def test_what_follows_changes_nothing(embedding_torch):
    """The matrices are drawn in order: wte does not depend on the number of layers or on block_size."""
    cases = ({}, {"n_layer": 3}, {"block_size": 9})
    first, *others = (embedding_torch.init_state(5, n_embd=3, generator=generator(7), **case) for case in cases)
    for case, other in zip(cases[1:], others, strict=True):
        first_drawn = torch.allclose(other["wte"].detach(), first["wte"].detach(), rtol=1e-9, atol=1e-12)
        assert first_drawn, f"the same seed gives another wte with {case}: which matrix takes the first numbers?"


def test_parameters(embedding_torch):
    """parameters lists the tensors of the state themselves, in its order."""
    state = small_state()
    got = embedding_torch.parameters(state)
    assert type(got) is list, f"parameters(state) is a {type(got).__name__}; it must be a list"
    assert len(got) == len(state), f"parameters(state) has {len(got)} entries; the state has {len(state)}"
    for (name, matrix), one in zip(state.items(), got, strict=True):
        assert one is matrix, f"where {name} belongs, parameters(state) has another tensor, or a copy"


# The sum of two rows


def test_embed(embedding_torch):
    """embed adds the token's row of wte and the position's row of wpe."""
    with expect.no_calls(*OWN):
        got = embedding_torch.embed(small_state(), torch.tensor([[2, 0, 2]]))
    want = [[[13.0, 20.25], [31.0, 38.0], [53.0, 60.25]]]
    slips = [
        ([[[53.0, 60.25], [11.0, 18.0], [53.0, 60.25]]], "the tokens choose the rows of wpe too: their places should"),
        (
            [[[13.0, 20.25], [11.0, 18.0], [13.0, 20.25]]],
            "all places get row 0 of wpe: which dimension is T?",
        ),
        ([[WTE[2], WTE[0], WTE[2]]], "these are the rows of wte alone: both 2 are the same, wherever they stand"),
    ]
    got = expect.tensor(got, (1, 3, 2), "embed(state, tokens)", torch.float64)
    expect.close(got, want, "embed of tokens 2, 0, 2", slips=slips)


def test_every_sequence_starts_at_position_0(embedding_torch):
    """In a batch row p of wpe belongs to place p of every sequence, also where the batch is square."""
    got = embedding_torch.embed(small_state(), torch.tensor([[1, 2], [0, 1]]))
    slips = [
        ([[[10.5, 24.0], [33.0, 40.25]], [[51.0, 58.0], [70.5, 84.0]]], "positions go on in the second sequence"),
        ([[[10.5, 24.0], [13.0, 20.25]], [[31.0, 38.0], [30.5, 44.0]]], "each sequence gets one row of wpe for all"),
    ]
    want = [[[10.5, 24.0], [33.0, 40.25]], [[11.0, 18.0], [30.5, 44.0]]]
    expect.close(got, want, "embed of a batch of 2 by 2", slips=slips)
    got = embedding_torch.embed(small_state(), torch.tensor([[0, 0, 0, 0], [1, 1, 1, 1]]))
    expect.tensor(got, (2, 4, 2), "embed of as many tokens as there are positions")
    expect.close(got[1, 3], [70.5, 84.0], "embed of token 1 at position 3")
    got = embedding_torch.embed(small_state(), torch.tensor([[0, 1]] * 5))
    expect.close(got, [[[11.0, 18.0], [30.5, 44.0]]] * 5, "embed of five times the tokens 0, 1")


def test_gradients(embedding_torch):
    """What arrives at a place is added to its token's row and to its position's row; unused rows get 0."""
    state = small_state()
    got = embedding_torch.embed(state, torch.tensor([[2, 2], [0, 2]]))
    assert got.requires_grad, "embed(state, tokens) is not connected to the state: no gradient can reach it"
    got.backward(torch.tensor([[[1.0, 10.0], [2.0, 20.0]], [[3.0, 30.0], [4.0, 40.0]]], dtype=torch.float64))
    for name in ("wte", "wpe"):
        assert state[name].grad is not None, f"no gradient reaches {name}: is it added as it is, or cut off before?"
    slips = [([[3.0, 30.0], [0.0, 0.0], [4.0, 40.0]], "token 2 stands at three places and learns from one only")]
    expect.close(state["wte"].grad, [[3.0, 30.0], [0.0, 0.0], [7.0, 70.0]], "the gradient of wte", slips=slips)
    expect.close(state["wpe"].grad, [[4.0, 40.0], [6.0, 60.0], [0.0, 0.0], [0.0, 0.0]], "the gradient of wpe")


def test_tokens_outside(embedding_torch):
    """A token outside the table raises IndexError; a negative one too."""
    for token in (3, -1, -3):
        what = f"embed of token {token} where there are 3"
        expect.error(IndexError, what, embedding_torch.embed, small_state(), torch.tensor([[0, 1], [token, 2]]))


def test_too_many_positions(embedding_torch):
    """More tokens than wpe has rows raise IndexError."""
    what = "embed of 5 tokens where there are 4 positions"
    expect.error(IndexError, what, embedding_torch.embed, small_state(), torch.tensor([[0, 1, 2, 0, 1]]))
    expect.error(IndexError, what, embedding_torch.embed, small_state(), torch.zeros(2, 5, dtype=torch.long))


def test_nothing_else_is_changed(embedding_torch):
    """embed leaves the tokens and the state as they are."""
    state, tokens = small_state(), torch.tensor([[2, 0, 2]])
    embedding_torch.embed(state=state, tokens=tokens)
    expect.close(tokens, [[2, 0, 2]], "the tokens afterwards")
    expect.close(state["wte"], WTE, "wte afterwards")
    expect.close(state["wpe"], WPE, "wpe afterwards")
