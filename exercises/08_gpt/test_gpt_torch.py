"""Tests of 08_gpt, torch track: run them with `pytest exercises/08_gpt/test_gpt_torch.py`.

They are a ladder: mlp, then the model with most of its parts silent, then all of it, then the module around it. Look
first at the first that fails. The weights are far larger than those of a fresh model, so that every norm counts.
"""

import copy
import math

import expect
import torch

VOCAB, EMBD, BLOCK = 5, 4, 6
TOKENS = [[3, 0, 4], [1, 1, 2]]


def size_of(n_layer):
    """Name -> (rows, columns) of every matrix of a state, in its order"""
    found = {"wte": (VOCAB, EMBD), "wpe": (BLOCK, EMBD), "lm_head": (VOCAB, EMBD)}
    for i in range(n_layer):
        found |= {f"layer{i}.attn_{name}": (EMBD, EMBD) for name in ("wq", "wk", "wv", "wo")}
        found |= {f"layer{i}.mlp_fc1": (4 * EMBD, EMBD), f"layer{i}.mlp_fc2": (EMBD, 4 * EMBD)}
    return found


def state(n_layer, silent=(), dtype=torch.float64):
    """A state of fixed numbers between -1 and 1; the matrices whose names end in one of `silent` are 0"""
    found = {}
    for k, (name, (n_out, n_in)) in enumerate(size_of(n_layer).items()):
        numbers = [[((5 * i + 3 * j + i * j + 7 * k) % 13 - 6) / 6 for j in range(n_in)] for i in range(n_out)]
        scale = 0 if name.endswith(tuple(silent)) else 1
        found[name] = (scale * torch.tensor(numbers, dtype=dtype)).requires_grad_()
    return found


def stored(n_layer):
    """The same numbers under the names that a module has for them"""
    return {name.replace(".", "_"): matrix.detach() for name, matrix in state(n_layer).items()}


def ask(module, given, n_head=2, tokens=TOKENS):
    """gpt, as a tensor (B, T, V)"""
    got = module.gpt(given, torch.tensor(tokens), n_head=n_head)
    return expect.tensor(got, (len(tokens), len(tokens[0]), VOCAB), "gpt(state, tokens)", torch.float64)


def new(module, n_layer=1, seed=5, **more):
    """A GPT of the sizes above, made with a generator of this seed"""
    generator = torch.Generator().manual_seed(seed)
    return module.GPT(VOCAB, n_embd=EMBD, n_head=2, n_layer=n_layer, block_size=BLOCK, generator=generator, **more)


# What mistakes give at position 0, where attention sees one position only and is wo (wv x). Each is what a layer makes
# of x, where `see` is attention, `think` is mlp, and `norm` is rmsnorm.


def right(x, see, think, norm):
    x = x + see(norm(x))
    return x + think(norm(x))


def stream_normed(x, see, think, norm):
    x = norm(x) + see(norm(x))
    return norm(x) + think(norm(x))


def mlp_first(x, see, think, norm):
    x = x + think(norm(x))
    return x + see(norm(x))


MISTAKES = [
    (
        lambda x, see, think, norm: think(norm(see(norm(x)))),
        "x is replaced by the results of attention and mlp: they are added to x",
    ),
    (
        stream_normed,
        "the results are added to the normed x: x itself goes on, and only attention and mlp get it normed",
    ),
    (lambda x, see, think, norm: right(x, see, think, lambda y: y), "attention and mlp get rmsnorm(x), not x as it is"),
    (mlp_first, "mlp's turn is before that of attention: attention comes first"),
    (
        lambda x, see, think, norm: x + see(norm(x)) + think(norm(x)),
        "attention and mlp get the same x: mlp works on what attention has left",
    ),
]


def normed(x):
    return x / (x.square().mean() + 1e-5).sqrt()


@torch.no_grad()
def first_logits(given, token, layer, weights_of=lambda i: i):
    """The logits at position 0 where a layer is `layer`, with the weights of layer weights_of(i)"""
    x = normed(given["wte"][token] + given["wpe"][0])
    for i in range(sum(name.endswith("attn_wq") for name in given)):
        part = {name: given[f"layer{weights_of(i)}.{name}"] for name in ("attn_wv", "attn_wo", "mlp_fc1", "mlp_fc2")}
        x = layer(
            x,
            lambda y, part=part: part["attn_wo"] @ (part["attn_wv"] @ y),
            lambda y, part=part: part["mlp_fc2"] @ (part["mlp_fc1"] @ y).relu(),
            normed,
        )
    return (given["lm_head"] @ x).tolist()


def check_the_start(got, given, what):
    """The logits of the first sequence at position 0, with the mistakes that can be told there."""
    slips = [(first_logits(given, TOKENS[0][0], layer), said) for layer, said in MISTAKES]
    once = first_logits(given, TOKENS[0][0], right, lambda i: 0)
    slips.append((once, "the weights of layer 0 are used in all layers"))
    expect.close(got[0, 0], first_logits(given, TOKENS[0][0], right), f"{what}: the first logits", slips=slips)


def test_mlp(gpt_torch):
    """mlp is fc2 relu(fc1 x)."""
    fc1, fc2 = torch.tensor([[1.0], [-1.0], [2.0], [0.5]]), torch.tensor([[1.0, 10.0, 100.0, 1000.0]])
    got = gpt_torch.mlp(torch.tensor([2.0]), fc1, fc2)  # relu(2, -2, 4, 1) = (2, 0, 4, 1)
    slips = [
        ([1382.0], "nothing is cut off: relu stands between the two matrices"),
        ([1404.0], "that is x + mlp(x): x is added in gpt, not here"),
    ]
    expect.close(got, [1402.0], "mlp([2], [[1], [-1], [2], [0.5]], [[1, 10, 100, 1000]])", slips=slips)
    got = gpt_torch.mlp(torch.tensor([[[[2.0]], [[-3.0]]]]), fc1, fc2)
    expect.close(got, [[[[1402.0]], [[30.0]]]], "mlp of a tensor of shape (1, 2, 1, 1)")


def test_without_attention_and_mlp(gpt_torch):
    """When wo and fc2 are 0, the logits are lm_head rmsnorm(wte[token] + wpe[position])."""
    given = state(1, silent=("attn_wo", "mlp_fc2"))
    wte, wpe, lm_head = (given[name].tolist() for name in ("wte", "wpe", "lm_head"))
    want, plain, tied = [], [], []
    for sequence in TOKENS:
        for rows in (want, plain, tied):
            rows.append([])
        for position, token in enumerate(sequence):
            x = [a + b for a, b in zip(wte[token], wpe[position], strict=True)]
            root = math.sqrt(sum(number * number for number in x) / EMBD + 1e-5)
            for rows, head, by in ((want, lm_head, root), (plain, lm_head, 1), (tied, wte, root)):
                rows[-1].append([sum(w * number / by for w, number in zip(row, x, strict=True)) for row in head])
    slips = [
        (plain, "the embedding is not normed: that comes before all layers"),
        (tied, "that is wte x: lm_head is a matrix of its own"),
    ]
    what = "with silent layers (suspect the embedding and the first norm): the logits"
    expect.close(ask(gpt_torch, given), want, what, slips=slips)


def test_no_norm_at_the_end(gpt_torch):
    """There is one rmsnorm before the layers and none after them: small embeddings show it."""
    given = state(1, silent=("attn_wo", "mlp_fc2"))
    with torch.no_grad():
        given["wte"] *= 0.001  # so small that eps counts: a second norm would change the vectors again
        given["wpe"] *= 0.001
        x = (given["wte"][3] + given["wpe"][0]).tolist()
        root = math.sqrt(sum(number * number for number in x) / EMBD + 1e-5)
        want = [sum(w * number / root for w, number in zip(row, x, strict=True)) for row in given["lm_head"].tolist()]
        twice = (given["lm_head"] @ normed(normed(given["wte"][3] + given["wpe"][0]))).tolist()
    slips = [(twice, "a second norm: x is normed after the embedding, then only what a layer reads")]
    what = "with silent layers and small embeddings: the first logits"
    expect.close(ask(gpt_torch, given)[0, 0], want, what, slips=slips)


def test_attention_alone(gpt_torch):
    """When fc2 is 0, each layer is x + attention(rmsnorm(x))."""
    given = state(2, silent=("mlp_fc2",))
    got = ask(gpt_torch, given)
    check_the_start(got, given, "with silent MLPs")
    want = [
        [0.917236849, -0.151875533, 1.639494973, -0.082504682, 1.708865825],
        [1.554196736, -0.007182493, -0.374561059, 0.690844912, 0.323466346],
        [-1.195751311, -2.045742238, 5.351156044, -3.185125524, 4.211772759],
    ]
    expect.close(got[0], want, "with silent MLPs: the logits of the first sequence", rel=1e-7, abs=1e-8)


def test_mlp_alone(gpt_torch):
    """When wo is 0, each layer is x + mlp(rmsnorm(x))."""
    given = state(2, silent=("attn_wo",))
    got = ask(gpt_torch, given)
    check_the_start(got, given, "with silent attention")
    want = [
        [-4.073687669, 0.287220995, 5.353794506, -2.470457173, 2.596116338],
        [-2.877285947, 2.923381231, 1.438503591, 0.900089888, -0.584787753],
        [0.76041991, 3.406596866, -2.202027987, 3.469851054, -2.138773799],
    ]
    expect.close(got[0], want, "with silent attention: the logits of the first sequence", rel=1e-7, abs=1e-8)


def test_logits(gpt_torch):
    """gpt gives the right logits with two layers of all parts."""
    want = [
        [
            [-1.72414014, 5.494830703, -0.963227258, 3.898853958, -2.559204003],
            [-2.276555835, 6.662404202, -2.286632111, 4.87662745, -4.072408863],
            [3.290193017, 5.863949324, -8.089989555, 7.625234577, -6.328704302],
        ],
        [
            [-4.963757285, 4.988135834, 3.350722821, 1.334861189, -0.302551824],
            [-5.75924783, 6.462442577, 2.906461997, 2.28496253, -1.271018049],
            [-5.795352878, 6.517195829, 2.329299145, 2.429755683, -1.758141001],
        ],
    ]
    got = ask(gpt_torch, state(2))
    check_the_start(got, state(2), "two layers")
    slips = [
        (ask(gpt_torch, state(2), n_head=4).tolist(), "2 heads or 4 make no difference: is n_head handed to attention?")
    ]
    expect.close(got, want, "gpt(state of two layers, tokens)", rel=1e-7, abs=1e-8, slips=slips)


def test_one_layer_of_four_heads(gpt_torch):
    """The number of layers comes from the state, and n_head is 4 when it is not given."""
    got = gpt_torch.gpt(state(1), torch.tensor(TOKENS[:1]))
    want = [
        [
            [0.932239435, -1.263224431, 1.416516005, -0.920986972, 1.758753464],
            [0.777905036, -0.593987655, -0.61011824, -0.042004462, -0.058135046],
            [3.154839772, -3.718624475, 0.933748502, -1.899713372, 2.752659605],
        ],
    ]
    expect.close(got, want, "gpt(state of one layer, tokens), with 4 heads", rel=1e-7, abs=1e-8)


def test_later_tokens_change_nothing(gpt_torch):
    """Another token at position 2 leaves the logits of positions 0 and 1 as they are, and those of other sequences."""
    given = state(2)
    before, after = ask(gpt_torch, given), ask(gpt_torch, given, tokens=[[3, 0, 1], [1, 1, 2]])
    expect.close(after[0, :2], before[0, :2], "after a change at position 2 only: the logits of positions 0 and 1")
    expect.close(after[1], before[1], "after a change of sequence 0 only: the logits of sequence 1")


def test_one_token_and_many(gpt_torch):
    """One token will do, and as many as block_size; the first position is the same for both."""
    given = state(2)
    short, long = ask(gpt_torch, given, tokens=[[2]]), ask(gpt_torch, given, tokens=[[2, 0, 4, 4, 1, 3]])
    expect.close(long[:, :1], short, "the logits of position 0 of six tokens")


def test_gradients(gpt_torch):
    """The gradient of every parameter agrees with small changes of the logits."""
    given = state(2)
    weights = torch.linspace(-1, 2, 2 * 3 * VOCAB, dtype=torch.float64).reshape(2, 3, VOCAB)

    def loss(changed):
        return (gpt_torch.gpt({**given, **changed}, torch.tensor(TOKENS), n_head=2) * weights).sum()

    loss({}).backward()
    for name, matrix in given.items():
        assert matrix.grad is not None, f"no gradient reaches {name}: is something detached?"
        direction = torch.linspace(-1, 2, matrix.numel(), dtype=torch.float64).reshape(matrix.shape)
        step = 1e-6 * direction
        with torch.no_grad():
            change = (loss({name: matrix + step}) - loss({name: matrix - step})) / 2e-6
        # off by rounding, 1e-14 / 1e-6; no input of a relu is so near to 0 that a step takes it to the other side
        what = f"the gradient of {name}, along a direction,"
        expect.close((matrix.grad * direction).sum(), change.item(), what, rel=1e-6, abs=1e-6)


def test_nothing_is_changed(gpt_torch):
    """float32 gives float32, and neither the state nor the tokens are changed."""
    given, before, tokens = state(1, dtype=torch.float32), state(1, dtype=torch.float32), torch.tensor(TOKENS)
    got = gpt_torch.gpt(given, tokens, n_head=2)
    expect.tensor(got, (2, 3, VOCAB), "gpt of a float32 state", torch.float32)
    assert list(given) == list(before), "gpt changes the entries of the state"
    for name, matrix in before.items():
        expect.close(given[name], matrix, f"{name} afterwards")
    expect.close(tokens, TOKENS, "the tokens afterwards")


def test_parameters_of_the_module(gpt_torch):
    """GPT is a Module whose parameters are the state's matrices, `.` written `_`, and nothing else is stored."""
    module = new(gpt_torch, n_layer=2)
    assert torch.nn.Module in type(module).__mro__, "GPT must be a torch.nn.Module"
    want = {name.replace(".", "_"): size for name, size in size_of(2).items()}
    for what, found in (("parameters", dict(module.named_parameters())), ("state_dict", module.state_dict())):
        extra = [name for name in found if name not in want]
        assert found, f"GPT has no {what}: a Module does not see what stands in a dict or a list of its own"
        assert not extra, (
            f"the {what} of GPT must be the state's matrices and nothing else; {', '.join(extra)} is there too"
        )
        assert list(found) == list(want), f"the names in the {what} of GPT are {list(found)}; {list(want)} belong there"
        for name, size in want.items():
            expect.tensor(found[name], size, f"{name} in the {what} of GPT", torch.float32)
    assert all(one.requires_grad for one in module.parameters()), "every parameter of GPT must require grad"


def test_4192_parameters(gpt_torch):
    """With a vocabulary of 27 and the default sizes there are 4,192 parameters."""
    count = sum(one.numel() for one in gpt_torch.GPT(27).parameters())
    assert count == 4192, f"GPT(27) has {count} parameters; 4192 belong there"


def test_initial_numbers_of_the_module(gpt_torch, embedding_torch):
    """A new GPT has the numbers that init_state draws from the same generator, and leaves the global one alone."""
    want = embedding_torch.init_state(VOCAB, EMBD, 2, BLOCK, generator=torch.Generator().manual_seed(5))
    before = torch.get_rng_state()
    found = dict(new(gpt_torch, n_layer=2).named_parameters())
    assert torch.equal(before, torch.get_rng_state()), "GPT(generator=...) draws from torch's global generator"
    for name, matrix in want.items():
        there = name.replace(".", "_")
        assert there in found, f"GPT has no parameter {there}"
        expect.close(found[there], matrix.detach(), f"{there} of a new GPT, against init_state", rel=0, abs=0)


def test_forward(gpt_torch):
    """forward gives what gpt gives for the module's parameters and its own number of heads."""
    module = new(gpt_torch, n_layer=2)
    given = dict(zip(size_of(2), (one.detach() for one in module.parameters()), strict=True))
    tokens = torch.tensor(TOKENS)
    want = gpt_torch.gpt(given, tokens, n_head=2)
    slips = [
        (gpt_torch.gpt(given, tokens).tolist(), "that is gpt with 4 heads: is n_head kept, and passed on by forward?")
    ]
    expect.close(module(tokens), want, "GPT(...)(tokens), against gpt", rel=1e-5, abs=1e-6, slips=slips)  # float32


def test_forward_uses_the_loaded_numbers(gpt_torch):
    """After double() and load_state_dict, forward computes with the new numbers, in float64."""
    module = new(gpt_torch, n_layer=2).double()
    module.load_state_dict(stored(2))
    got = expect.tensor(module(torch.tensor(TOKENS)), (2, 3, VOCAB), "forward after double()", torch.float64)
    expect.close(got, ask(gpt_torch, state(2)), "forward after load_state_dict, against gpt of the same numbers")


def test_gradients_reach_the_module(gpt_torch):
    """backward on the result of forward fills the .grad of every parameter of the module."""
    given, tokens, module = state(1), torch.tensor(TOKENS), new(gpt_torch).double()
    module.load_state_dict(stored(1))
    weights = torch.linspace(-1, 2, 2 * 3 * VOCAB, dtype=torch.float64).reshape(2, 3, VOCAB)
    (gpt_torch.gpt(given, tokens, n_head=2) * weights).sum().backward()
    got = module(tokens)
    assert got.requires_grad, (
        "what forward returns is cut off from the Parameters: does forward use them, without no_grad, detach, .data?"
    )
    (got * weights).sum().backward()
    for (name, one), matrix in zip(module.named_parameters(), given.values(), strict=True):
        assert one.grad is not None, (
            f"no gradient reaches {name} of the module: does forward compute with the Parameters?"
        )
        expect.close(one.grad, matrix.grad, f"the gradient of {name} of the module", abs=1e-10)


def test_modules_are_independent(gpt_torch):
    """A change of one module shows neither in another nor in a copy."""
    tokens = torch.tensor(TOKENS)
    first, other = new(gpt_torch), new(gpt_torch, seed=6)
    double = copy.deepcopy(first)
    before = first(tokens).detach().clone()
    assert not torch.equal(other(tokens), before), "two modules of different generators must give different logits"
    with torch.no_grad():
        for one in double.parameters():
            one *= 2
        for one in other.parameters():
            one.zero_()
    expect.close(first(tokens), before, "after a change of another module: the logits")
    assert not torch.equal(double(tokens), before), "a change of a copied module must show in its logits"
