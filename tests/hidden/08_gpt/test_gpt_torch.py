"""Hidden tests of 08_gpt, torch track. Each asks `probes_torch.py` for plain data and compares it.

Expected values come twice: from the reference, and from the model below, which is written in plain Python. Weights are
far larger than those of a fresh model, where a missing norm or a wrong scale hardly shows; no two sizes are equal.
The first tests are a ladder: each of them silences all parts but one, so that its sentence names the suspect.
"""

from __future__ import annotations

import cmath
import math
import operator
import random
from typing import Any

from grader.marking.check import Check, once

Number = Any  # a float, or a complex number whose imaginary part carries a derivative
Vector = list[Number]
Matrix = list[Vector]

STEP = 1e-30  # of the imaginary part: nothing is subtracted, so it can be as small as one likes
ABS = 1e-10  # logits of size 1 to 10 are sums of a dozen products: 1e-15 of rounding each, some of it cancelled
OTHER = "the logits are wrong, and other tests of this step name the suspect"
CHANGED = "something is changed: the state, the tokens, or a global setting"
FULL = ["wte", "wpe", "lm_head"]
LAYER = ["attn_wq", "attn_wk", "attn_wv", "attn_wo", "mlp_fc1", "mlp_fc2"]


def sizes(check: Check, layers: int = 2, embd: int = 4, vocab: int = 5, block: int = 7, **more: Any) -> dict[str, Any]:
    """A random state, as probes_torch.py describes it."""
    more = {"std": check.rng.uniform(0.4, 0.7), **more}
    return {"seed": check.rng.randrange(2**32), "vocab": vocab, "embd": embd, "layers": layers, "block": block, **more}


def model(sizes: dict[str, Any], heads: int | None = None) -> dict[str, int]:
    """The arguments of a GPT of these sizes."""
    found = {"vocab_size": sizes["vocab"], "n_embd": sizes["embd"], "n_layer": sizes["layers"]}
    found["block_size"] = sizes["block"]
    return found if heads is None else {**found, "n_head": heads}


def some_tokens(check: Check, batch: int, length: int, vocab: int = 5) -> list[list[int]]:
    return [[check.rng.randrange(vocab) for _ in range(length)] for _ in range(batch)]


def shapes_of(sizes: dict[str, Any]) -> dict[str, list[int]]:
    """Name -> [rows, columns] of every matrix of a state, in its order."""
    embd = sizes["embd"]
    found = {"wte": [sizes["vocab"], embd], "wpe": [sizes["block"], embd], "lm_head": [sizes["vocab"], embd]}
    for i in range(sizes["layers"]):
        found |= {f"layer{i}.{name}": [embd, embd] for name in LAYER[:4]}
        found |= {f"layer{i}.mlp_fc1": [4 * embd, embd], f"layer{i}.mlp_fc2": [embd, 4 * embd]}
    return found


def state_of(sizes: dict[str, Any]) -> dict[str, Matrix]:
    """The numbers of a state."""
    rng, found = random.Random(sizes["seed"]), {}
    for name, (n_out, n_in) in shapes_of(sizes).items():
        factor = math.prod(factor for ending, factor in sizes.get("scale", {}).items() if name.endswith(ending))
        found[name] = [[rng.gauss(0, sizes["std"]) * factor for _ in range(n_in)] for _ in range(n_out)]
    return found


# The model in plain Python


def dot(a: Vector, b: Vector) -> Number:
    return sum(map(operator.mul, a, b))


def apply(w: Matrix, x: Vector) -> Vector:
    """w x, for a matrix of rows."""
    return [dot(row, x) for row in w]


def add(a: Vector, b: Vector) -> Vector:
    return [x + y for x, y in zip(a, b, strict=True)]


def norm(x: Vector) -> Vector:
    root = (dot(x, x) / len(x) + 1e-5) ** 0.5
    return [number / root for number in x]


def think(x: Vector, fc1: Matrix, fc2: Matrix) -> Vector:
    """The MLP."""
    return apply(fc2, [h if h.real > 0 else 0.0 for h in apply(fc1, x)])


def look_back(xs: Matrix, wq: Matrix, wk: Matrix, wv: Matrix, wo: Matrix, heads: int) -> Matrix:
    """Attention over one sequence."""
    q, k, v = ([apply(w, x) for x in xs] for w in (wq, wk, wv))
    width, found = len(xs[0]) // heads, []
    for t in range(len(xs)):
        joined = []
        for start in range(0, len(xs[0]), width):
            head = slice(start, start + width)
            scores = [dot(q[t][head], k[s][head]) / math.sqrt(width) for s in range(t + 1)]
            highest = max(score.real for score in scores)
            exps = [cmath.exp(score - highest) for score in scores]
            joined += [dot(exps, [v[s][i] for s in range(t + 1)]) / sum(exps) for i in range(start, start + width)]
        found.append(apply(wo, joined))
    return found


def logits_of(state: dict[str, Matrix], tokens: list[list[int]], heads: int) -> Vector:
    """The logits of all sequences, row by row."""
    found = []
    for sequence in tokens:
        xs = [norm(add(state["wte"][token], state["wpe"][t])) for t, token in enumerate(sequence)]
        for i in range(sum(name.endswith("wq") for name in state)):
            wq, wk, wv, wo, fc1, fc2 = (state[f"layer{i}.{name}"] for name in LAYER)
            looks = look_back([norm(x) for x in xs], wq, wk, wv, wo, heads)
            xs = [add(x, look) for x, look in zip(xs, looks, strict=True)]
            xs = [add(x, think(norm(x), fc1, fc2)) for x in xs]
        found += [logit for x in xs for logit in apply(state["lm_head"], x)]
    return found


# Asking


def tensor(shape: list[int], numbers: Vector, dtype: str = "float64") -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "values": [number.real for number in numbers]}


def agree(check: Check, why: str, cases: list[list[Any]], rel: float = 1e-9, abs: float = ABS) -> list[Any]:
    """The learner's logits for (sizes, tokens, heads) against the reference's and against the model above."""
    got = check.same_each("logits", cases, rel=rel, abs=abs, why=why)
    check.close(got, [want(*case) for case in cases], rel=rel, abs=abs, why=why)
    return got


@once
def want(sizes: dict[str, Any], tokens: list[list[int]], heads: int | None) -> dict[str, Any]:
    numbers = logits_of(state_of(sizes), tokens, heads or 4)
    return tensor([len(tokens), len(tokens[0]), sizes["vocab"]], numbers, sizes.get("dtype", "float64"))


def numbers(check: Check, count: int) -> list[float]:
    return [check.rng.gauss(0, 1) for _ in range(count)]


def test_mlp(check: Check) -> None:
    """mlp is fc2 relu(fc1 x) on the last dimension, whatever stands before it, and so are its gradients."""
    why = "mlp is wrong: fc1, then relu, then fc2, on the last dimension only"
    cases = [{"seed": check.rng.randrange(2**32), "shape": shape} for shape in ([3], [2, 3], [2, 5, 4], [2, 1, 3, 2])]
    wanted = []
    for case in cases:
        rng, width = random.Random(case["seed"]), case["shape"][-1]
        xs = [[rng.gauss(0, 1) for _ in range(width)] for _ in range(math.prod(case["shape"][:-1]))]
        fc1 = [[rng.gauss(0, 1) for _ in range(width)] for _ in range(4 * width)]
        fc2 = [[rng.gauss(0, 1) for _ in range(4 * width)] for _ in range(width)]
        wanted.append(tensor(case["shape"], [y for x in xs for y in think(x, fc1, fc2)]))
    got = check.same_each("mlp", [[case] for case in cases], abs=ABS, why=why)
    check.close(got, wanted, abs=ABS, why=why)
    asked = [[cases[i], numbers(check, math.prod(cases[i]["shape"]))] for i in (0, 2)]
    check.same_each("mlp_gradients", asked, abs=ABS, why="mlp may be right, its gradients are not")


def test_without_attention_and_mlp(check: Check) -> None:
    """When both parts of every layer give 0, the logits are lm_head times the normalised embedding."""
    why = "with silent layers the logits must be lm_head rmsnorm(wte + wpe): suspect the embedding, the first norm, an \
additional norm at the end, the residual path, or lm_head"
    silent = {"attn_wo": 0.0, "mlp_fc2": 0.0}
    # of embeddings as small as sqrt(eps) a second norm is seen: it does not leave them as they are
    states = [sizes(check, 1, scale=silent), sizes(check, 1, scale={**silent, "wte": 0.01, "wpe": 0.01})]
    agree(check, why, [[state, some_tokens(check, 2, 3), 2] for state in states])


def test_attention_alone(check: Check) -> None:
    """When the MLPs give 0, each layer is x + attention(rmsnorm(x))."""
    why = (
        "with silent MLPs the logits are wrong: each layer must make x + attention(rmsnorm(x)), with weights of its own"
    )
    agree(check, why, [[sizes(check, scale={"mlp_fc2": 0.0}), some_tokens(check, 2, 3), 2]])


def test_mlp_alone(check: Check) -> None:
    """When attention gives 0, each layer is x + mlp(rmsnorm(x))."""
    why = (
        "with silent attention the logits are wrong: each layer must make x + mlp(rmsnorm(x)), with weights of its own"
    )
    agree(check, why, [[sizes(check, scale={"attn_wo": 0.0}), some_tokens(check, 2, 3), 2]])


def test_logits(check: Check) -> None:
    """gpt gives the logits of every position for any weights, and any number of layers, tokens and heads."""
    why = "the logits are wrong: suspect the order of attention and MLP, the norms before each, or the order of layers"
    asked = [(sizes(check, 3), 2, 4), (sizes(check, 1), 3, 1), (sizes(check, 1, block=16), 1, 16)]
    agree(check, why, [[state, some_tokens(check, batch, length), 2] for state, batch, length in asked])
    agree(check, why, [[sizes(check, 1, embd=6), some_tokens(check, 2, 4), 3]])


def test_number_of_heads(check: Check) -> None:
    """n_head reaches attention, and is 4 when it is not given."""
    state, tokens = sizes(check, 1, embd=8, scale={"mlp_fc2": 0.0}), some_tokens(check, 1, 3)
    why = "with another number of heads the logits are wrong: is n_head passed on to attention, and its default 4?"
    agree(check, why, [[state, tokens, heads] for heads in (1, None)])


def test_positions(check: Check) -> None:
    """A token gives other logits at another position, and position 0 is the first of the sequence."""
    why = "the same token at several positions gives wrong logits: row t of wpe belongs to position t"
    token = check.rng.randrange(5)
    state = sizes(check, 1, scale={"attn_wo": 0.0, "mlp_fc2": 0.0})
    short, long = agree(check, why, [[state, [[token] * length], 2] for length in (2, 4)])
    check.close(short["values"], long["values"][:10], abs=ABS, why=why)
    check.require(abs(long["values"][0] - long["values"][5]) > 1e-9, why)


def test_later_tokens_change_nothing(check: Check) -> None:
    """The logits at a position do not depend on later tokens, nor on the other sequences of the batch."""
    why = "a later token, or another sequence of the batch, changes the logits of a position"
    state, position = sizes(check, 1), check.rng.randrange(1, 3)
    first = some_tokens(check, 2, 4)
    other = [(token + check.rng.randrange(1, 5)) % 5 if t > position else token for t, token in enumerate(first[0])]
    cases = [[state, tokens, 2] for tokens in (first, [other, *some_tokens(check, 1, 4)])]
    both, count = check.learner_each("logits", cases), 5 * (position + 1)
    check.close(both, [tensor([2, 4, 5], [0.0] * 40)] * 2, abs=math.inf)  # any finite numbers will do
    check.close(both[1]["values"][:count], both[0]["values"][:count], abs=ABS, why=why)
    check.close(both, check.reference_each("logits", cases), abs=ABS, why=OTHER)
    incoming = [number if place < count else 0.0 for place, number in enumerate(numbers(check, 20))]
    why = "the gradients of an early position are wrong"
    got = check.same("gradients", state, first[:1], 2, incoming, abs=ABS, why=why)
    later = got["wpe"]["values"][4 * (position + 1) :]
    check.close(later, [0.0] * len(later), why="a later position gets a gradient from an earlier logit")


def test_gradients(check: Check) -> None:
    """The gradient of every parameter is that of the formulas."""
    state, tokens, incoming = sizes(check), some_tokens(check, 2, 4), numbers(check, 40)
    why = "the logits may be right, the gradients of the parameters are not: is every step differentiable?"
    got = check.same("gradients", state, tokens, 2, incoming, abs=ABS, why=why)
    matrices = state_of(state)
    direction = {name: [numbers(check, len(row)) for row in matrix] for name, matrix in matrices.items()}
    ahead = {
        name: [
            [complex(x, STEP * d) for x, d in zip(row, steps, strict=True)]
            for row, steps in zip(matrix, direction[name], strict=True)
        ]
        for name, matrix in matrices.items()
    }
    change = dot(incoming, logits_of(ahead, tokens, 2)).imag / STEP
    total = sum(dot(got[name]["values"], [d for row in direction[name] for d in row]) for name in matrices)
    check.close(total, change, rel=1e-8, abs=1e-8, why="the gradients do not agree with small changes of the logits")


def test_dtypes_and_inputs(check: Check) -> None:
    """float32 gives float32 and float64 float64, and neither the state, the tokens nor any setting are changed."""
    tokens = some_tokens(check, 2, 3)
    # float32 rounds logits of size 10 by 6e-7, and so do some ten operations before; float64 judges the formula
    small = [sizes(check, 1, dtype="float32"), tokens, 2]
    agree(check, "a float32 state must give float32 logits; if they are, they are wrong", [small], rel=1e-3, abs=1e-3)
    got = check.same("after", sizes(check, 1), tokens, numbers(check, 30), why=CHANGED)
    check.close([got["changed"], got["tokens"], got["settings"]], [[], tokens, []], why=CHANGED)


def test_parameters_of_the_module(check: Check) -> None:
    """GPT is a Module with the state's matrices as its parameters, `.` written `_`, and nothing else to store."""
    why = "the parameters of GPT must be the state's matrices, in its order, directly on the module, `.` written `_`; \
its state_dict holds nothing else"
    asked = [sizes(check, layers, embd=8, vocab=check.rng.randint(6, 9), block=5) for layers in (1, 3)]
    full = {"vocab": 27, "embd": 16, "layers": 1, "block": 16}
    models = [[{"vocab_size": 27}], *([model(one)] for one in asked)]
    found = check.same_each("registered", models, why=why)
    for got, one in zip(found, [full, *asked], strict=True):
        shapes = {name.replace(".", "_"): shape for name, shape in shapes_of(one).items()}
        check.close([got["state_dict"], got["parameters"]], [shapes, shapes], why=why)
        check.require(all(got["trained"]), "every parameter of GPT must be a torch.nn.Parameter that requires grad")
    check.close(found[0]["count"], 4192, why="GPT of 27 tokens and the default sizes must have 4192 parameters")


def test_initial_numbers_of_the_module(check: Check) -> None:
    """A new GPT begins with the numbers of init_state with the same generator; without one, they are always others."""
    why = "a new GPT must begin with the numbers that init_state draws from the same generator"
    one = model(sizes(check, 1), 2)
    seeds = check.rng.sample(range(2**31), 2)
    found = check.learner_each("beginnings", [[one, seed] for seed in seeds])
    wanted = check.reference_each("beginnings", [[one, seed] for seed in seeds])
    # which numbers a seed gives is the learner's choice, so the two lists of one answer are compared
    for got, asked in zip(found, wanted, strict=True):
        shapes = [{**matrix, "values": []} for matrix in asked["module"]]
        check.require(type(got) is dict and list(got) == ["module", "state"], why)
        for side in got.values():
            check.require(type(side) is list and all(type(m) is dict and "values" in m for m in side), why)
            check.close([{**matrix, "values": []} for matrix in side], shapes, why=why)
        check.close(got["module"], got["state"], rel=0.0, abs=0.0, why=why)
    check.require(found[0]["module"][0] != found[1]["module"][0], "two generators must give two different modules")
    check.same("drawn_twice", one, why="without a generator, every new GPT must draw new numbers")


def test_forward(check: Check) -> None:
    """forward gives what gpt gives for the module's parameters, with the module's own number of heads."""
    why = "GPT's forward must give the logits of gpt for its parameters, with the n_head that was given to GPT"
    got = check.learner("fresh_logits", model(sizes(check, 1), 2), check.rng.randrange(2**31), some_tokens(check, 2, 3))
    check.require(type(got) is dict and list(got) == ["module", "gpt"], why)
    shape = {**tensor([2, 3, 5], [], "float32"), "values": None}
    for side in got.values():
        check.require(type(side) is dict, why)
        check.close({**side, "values": None}, shape, why=why)
    check.close(got["module"], got["gpt"], rel=1e-3, abs=1e-3, why=why)  # float32 rounds by 6e-8
    # heads hardly differ in a fresh model, whose weights are small
    state = sizes(check, 1)
    loaded(check, why, [[model(state, 2), state, some_tokens(check, 2, 3)]])
    state = sizes(check, 1, embd=8)
    why = (
        "if gpt is right by other tests: forward must use its own parameters, and 4 heads where GPT was given no n_head"
    )
    loaded(check, why, [[model(state), state, some_tokens(check, 2, 3)]])


def loaded(check: Check, why: str, cases: list[list[Any]]) -> None:
    """The logits of modules that have loaded a state, against the reference's and the model above."""
    got = check.same_each("module_logits", cases, abs=ABS, why=why)
    check.close(got, [want(state, tokens, one.get("n_head")) for one, state, tokens in cases], abs=ABS, why=why)


def test_loaded_numbers_count(check: Check) -> None:
    """forward uses numbers that were loaded, cast or changed in place, and a copy of a module has its own numbers."""
    why = "if gpt is right by other tests: forward must read the parameters each time, not keep old numbers"
    state, tokens = sizes(check), some_tokens(check, 1, 3)
    loaded(check, why, [[model(state, 2), state, tokens]])
    why = "if gpt is right by other tests: modules must not share numbers, and a copy must use its own"
    state = sizes(check, 1)
    got = check.same("copied", model(state, 2), state, tokens, abs=ABS, why=why)
    half = {**state, "scale": dict.fromkeys([*FULL, *LAYER], 0.5)}
    check.close(got, {"first": want(state, tokens, 2), "half": want(half, tokens, 2)}, abs=ABS, why=why)


def test_gradients_reach_the_module(check: Check) -> None:
    """backward on the result of forward fills the .grad of the module's parameters."""
    why = "the gradients of the module's parameters are wrong: forward must use the registered Parameters themselves"
    state, tokens, incoming = sizes(check, 1), some_tokens(check, 2, 3), numbers(check, 30)
    got = check.same("module_gradients", model(state, 2), state, tokens, incoming, abs=ABS, why=why)
    plain = check.reference("gradients", state, tokens, 2, incoming)
    check.close(list(got.values()), list(plain.values()), abs=ABS, why=why)
