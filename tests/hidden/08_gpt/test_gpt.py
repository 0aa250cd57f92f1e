"""Hidden checks of 08_gpt (pure): the MLP, then the model with one part after the other switched on.

Trusted side. Logits are compared with a model in plain floats below and with the reference, on weights of size 0.6 and
with embeddings both large and tiny: a norm that is missing, or one too many, then shows in the first digits. Usual
tolerance 1e-9: sums of some dozen terms of size 1 to 10, through up to three layers, so 1e-13 of rounding.
"""

import math
from typing import Any

from grader.marking.check import Check, once

Model = dict[str, Any]
State = dict[str, list[list[float]]]
TINY = {"wte": 0.004, "wpe": 0.004}  # mean squares of about eps, where a second norm is not the same as none
EPS = 1e-5
STEP = 1e-5  # of finite differences: off by 1e-10 times a third derivative (up to some 10,000 here)


# The model in plain floats


def product(w: list[list[float]], x: list[float]) -> list[float]:
    """w x."""
    return [sum(a * b for a, b in zip(row, x, strict=True)) for row in w]


def plus(a: list[float], b: list[float]) -> list[float]:
    """a + b."""
    return [x + y for x, y in zip(a, b, strict=True)]


def normed(x: list[float]) -> list[float]:
    """x at a root mean square of 1."""
    root = math.sqrt(sum(x_i * x_i for x_i in x) / len(x) + EPS)
    return [x_i / root for x_i in x]


def attention(q: list[float], keys: list[list[float]], values: list[list[float]], n_head: int) -> list[float]:
    """The heads' averages of the values, joined."""
    d, joined = len(q) // n_head, []
    for start in range(0, len(q), d):
        head = slice(start, start + d)
        exps = [math.exp(score / math.sqrt(d)) for score in product([k[head] for k in keys], q[head])]
        joined += [
            sum(e * v[i] for e, v in zip(exps, values, strict=True)) / sum(exps) for i in range(start, start + d)
        ]
    return joined


class Plain:
    """A model that is fed tokens one after the other."""

    def __init__(self, state: State, layers: int, n_head: int) -> None:
        self.state, self.n_head = state, n_head
        self.keys: list[list[list[float]]] = [[] for _ in range(layers)]
        self.values: list[list[list[float]]] = [[] for _ in range(layers)]
        self.kink = math.inf  # how near any hidden unit of an MLP came to 0

    def feed(self, token: int) -> list[float]:
        """The logits at the next position."""
        x = normed(plus(self.state["wte"][token], self.state["wpe"][len(self.keys[0])]))
        for i, (keys, values) in enumerate(zip(self.keys, self.values, strict=True)):
            wq, wk, wv, wo = (self.state[f"layer{i}.attn_{name}"] for name in ("wq", "wk", "wv", "wo"))
            seen = normed(x)
            keys.append(product(wk, seen))
            values.append(product(wv, seen))
            x = plus(x, product(wo, attention(product(wq, seen), keys, values, self.n_head)))
            hidden = product(self.state[f"layer{i}.mlp_fc1"], normed(x))
            self.kink = min(self.kink, *(abs(h) for h in hidden))
            x = plus(x, product(self.state[f"layer{i}.mlp_fc2"], [max(0.0, h) for h in hidden]))
        return product(self.state["lm_head"], x)


def plain(check: Check, model: Model) -> Plain:
    """The same model as the learner's, from the numbers that the reference side makes of its sizes."""
    return Plain(check.reference("numbers", model), model["layers"], model["n_head"] or 4)


def plain_logits(check: Check, model: Model, tokens: list[int]) -> list[list[float]]:
    """The logits at each position."""
    return logits_of(check.reference("numbers", model), model["layers"], model["n_head"] or 4, tokens)


@once
def logits_of(state: State, layers: int, n_head: int, tokens: list[int]) -> list[list[float]]:
    """The logits of a model that is fed these tokens."""
    fed = Plain(state, layers, n_head)
    return [fed.feed(token) for token in tokens]


# Inputs


def some_model(check: Check, layers: int, **others: Any) -> Model:
    """Sizes that are all different, and a seed."""
    sizes = {"vocab": 5, "embd": 4, "layers": layers, "block": 3, "std": 0.6, "n_head": 2, "factors": {}}
    return sizes | {"seed": check.rng.randrange(2**31)} | others


def compare(check: Check, cases: list[tuple[Model, list[int]]], why: str) -> None:
    """The logits of each model, against the reference and the plain model."""
    got = check.same_each("logits", [[model, tokens] for model, tokens in cases], why=why)
    check.close(got, [plain_logits(check, model, tokens) for model, tokens in cases], why=why)


def mlp_case(check: Check, width: int) -> list[Any]:
    """x, fc1 and fc2, where some of the hidden units are cut off and some are not, and some output is below 0."""

    def rows(count: int, width: int) -> list[list[float]]:
        return [[check.rng.gauss(0, 1) for _ in range(width)] for _ in range(count)]

    while True:
        x, fc1, fc2 = rows(1, width)[0], rows(4 * width, width), rows(width, 4 * width)
        hidden = product(fc1, x)
        if min(hidden) < 0 < max(hidden) and min(product(fc2, [max(0.0, h) for h in hidden])) < 0:
            return [x, fc1, fc2]


# The MLP


def test_mlp(check: Check) -> None:
    """mlp is fc2 relu(fc1 x): hidden units below 0 are cut off, the outputs are not."""
    why = "fc1 makes 4C numbers, relu cuts them off at 0, fc2 makes C of them: what is missing or misplaced?"
    cases = [mlp_case(check, width) for width in (2, 3)]
    want = [product(fc2, [max(0.0, h) for h in product(fc1, x)]) for x, fc1, fc2 in cases]
    for named in (False, True):
        check.close(check.same_each("mlp_output", [[*case, named] for case in cases], why=why), want, why=why)


def test_gradients_of_the_mlp(check: Check) -> None:
    """Gradients flow back through the hidden units that are above 0, and not through those that are cut off."""
    why = "the outputs of mlp may be right, their gradients are not: is relu one of your Value's operations?"
    x, fc1, fc2 = mlp_case(check, 3)
    weights = [check.rng.uniform(0.5, 2) for _ in fc2]
    hidden = product(fc1, x)
    into = [
        g * (h > 0) for g, h in zip(product([list(c) for c in zip(*fc2, strict=True)], weights), hidden, strict=True)
    ]
    want = {
        "x": [product([list(column) for column in zip(*fc1, strict=True)], into)],
        "fc1": [[g * x_i for x_i in x] for g in into],
        "fc2": [[w * max(0.0, h) for h in hidden] for w in weights],
    }
    check.close(check.same("mlp_gradients", x, fc1, fc2, weights, why=why), want, why=why)


# The ladder of the model


def test_embedding_norm_and_head(check: Check) -> None:
    """Where attention and MLP add nothing, the logits are lm_head rmsnorm(token row + position row)."""
    off = {"attn_wo": 0.0, "mlp_fc2": 0.0}
    token = check.rng.randrange(5)
    tokens = [token, token, (token + check.rng.randrange(1, 5)) % 5]
    why = "attention and MLP add 0 here: look at the embedding, at the one norm after it (none at the end), at lm_head"
    compare(
        check, [(some_model(check, 2, factors=off), tokens), (some_model(check, 1, factors=off | TINY), tokens)], why
    )


def test_mlp_branch(check: Check) -> None:
    """Where attention adds nothing, each layer is x = x + mlp(rmsnorm(x))."""
    off, tokens = {"attn_wo": 0.0}, [check.rng.randrange(5) for _ in range(2)]
    why = "attention adds 0 here: look at the MLP of each layer, at the norm before it, and at what it is added to"
    models = [some_model(check, 1, factors=off | TINY), some_model(check, 2, factors=off)]
    compare(check, [(model, tokens) for model in models], why)


def test_attention_branch(check: Check) -> None:
    """Where the MLP adds nothing, each layer is x = x + attention(rmsnorm(x))."""
    off, tokens = {"mlp_fc2": 0.0}, [check.rng.randrange(5) for _ in range(3)]
    why = (
        "the MLP adds 0 here: look at the norm before attention, at what it is added to, and at each layer's own caches"
    )
    models = [some_model(check, 1, factors=off | TINY), some_model(check, 2, factors=off)]
    compare(check, [(model, tokens) for model in models], why)


def test_logits(check: Check) -> None:
    """The logits at every position of the block, with one, two and three layers."""
    models = [
        some_model(check, 1, block=4, vocab=6),
        some_model(check, 1, embd=6, n_head=3, factors=TINY),
        some_model(check, 2),
        some_model(check, 3, block=2, vocab=3, embd=2),
    ]
    cases = [(model, [check.rng.randrange(model["vocab"]) for _ in range(model["block"])]) for model in models]
    why = "everything together is wrong: look at the order of attention and MLP, and at layers after the first"
    compare(check, cases, why)


def test_number_of_heads(check: Check) -> None:
    """n_head reaches attention, and is 4 unless given."""
    tokens = [check.rng.randrange(5) for _ in range(3)]
    why = "the number of heads does not reach attention, or is not 4 where none is given"
    compare(check, [(some_model(check, 1, n_head=n_head), tokens) for n_head in (None, 4, 1)], why)
    named = some_model(check, 1)
    want = plain_logits(check, named, tokens[:1])[0]
    check.close(check.same("named_logits", named, tokens[0]), want, why="called with names, the logits are wrong")


def test_size_of_the_course(check: Check) -> None:
    """The model of the course: 27 tokens, width 16, 4 heads, 1 layer."""
    model = some_model(check, 1, vocab=27, embd=16, block=16, std=0.25, n_head=None)
    check.same("logits", model, [26, check.rng.randrange(26)])


# The caches, and what depends on what


def test_each_layer_has_its_own_caches(check: Check) -> None:
    """After t calls keys[i] and values[i] hold t rows each: wk and wv of layer i times the normed x of that layer."""
    model, tokens = some_model(check, 2, factors=TINY), [check.rng.randrange(5) for _ in range(3)]
    why = "keys[i] and values[i] belong to layer i, and their rows come from rmsnorm(x), as attention gets it"
    fed = plain(check, model)
    for token in tokens:
        fed.feed(token)
    check.close(check.same("caches", model, tokens, why=why), {"keys": fed.keys, "values": fed.values}, why=why)


def test_later_tokens_change_nothing(check: Check) -> None:
    """The logits at a position depend on the tokens so far: not on later ones, and not on earlier runs."""
    model, tokens = some_model(check, 1), [check.rng.randrange(5) for _ in range(3)]
    other = [*tokens[:2], (tokens[2] + check.rng.randrange(1, 5)) % 5]
    why = "the logits of a position change with what comes after it, or with an earlier run that had other lists"
    first, again, changed = check.same("logits_of_runs", model, [tokens, tokens, other], why=why)
    check.close([again, changed[:2]], [first, first[:2]], why=why)


def test_earlier_tokens_count(check: Check) -> None:
    """The logits at a position depend on each earlier token, and on which stood where."""
    model, tokens = some_model(check, 1), check.rng.sample(range(5), 3)
    runs = [tokens, [(tokens[0] + 1) % 5, *tokens[1:]], [tokens[1], tokens[0], tokens[2]]]
    why = "the last logits are the same, or wrong, when earlier tokens are others or stand in another order"
    found = [run[2] for run in check.same("logits_of_runs", model, runs, why=why)]
    for other in found[1:]:
        check.require(max(abs(a - b) for a, b in zip(found[0], other, strict=True)) > 1e-9, why)


# Gradients, by way of whatever backward is there


def test_gradients_of_all_parameters(check: Check) -> None:
    """The gradients of all logits reach every parameter, through both layers and all positions."""
    tokens = check.rng.sample(range(5), 2)
    weights = [[check.rng.uniform(-1, 1) for _ in range(5)] for _ in tokens]

    def loss(model: Model, state: State) -> tuple[float, float]:
        fed = Plain(state, model["layers"], model["n_head"])
        return sum(product([ws], fed.feed(token))[0] for ws, token in zip(weights, tokens, strict=True)), fed.kink

    while True:  # differences are of no use near the kink of a relu
        model = some_model(check, 2)
        state = check.reference("numbers", model)
        if loss(model, state)[1] > 2e-3:
            break
    why = (
        "the logits may be right, their gradients are not: is everything between the parameters and the logits a Value?"
    )
    got = check.same("gradients", model, tokens, weights, why=why)
    for name in ["wte", *check.rng.sample([name for name in state if name != "wte"], 3)]:
        i, j, ends = tokens[0] if name == "wte" else check.rng.randrange(2), check.rng.randrange(4), []
        for change in (STEP, -STEP):
            matrix = [list(row) for row in state[name]]
            matrix[i][j] += change
            ends.append(loss(model, state | {name: matrix})[0])
        check.close(got[name][i][j], (ends[0] - ends[1]) / (2 * STEP), rel=1e-5, abs=1e-5, why=why)


# Edges


def test_ids_outside_their_tables(check: Check) -> None:
    """A token that is not in the vocabulary, or a position beyond the block, ends in embed's IndexError; no other."""
    model = some_model(check, 1, block=2)
    check.learner("logits", model, [4, 0])
    check.raises(IndexError, "logits", model, [5 + check.rng.randrange(3)])
    check.raises(IndexError, "logits", model, [check.rng.randrange(5) for _ in range(3)])


def test_only_operations_of_step_01(check: Check, only_six_operations: Any) -> None:
    """The logits are right, and each Value behind them is made by one operation of step 01, with its derivatives."""
    model = some_model(check, 1, embd=2, vocab=3, n_head=1)
    tokens = [check.rng.randrange(3) for _ in range(2)]
    only_six_operations(check.learner("graph", model, tokens), check.reference("logits", model, tokens)[-1])
