"""What 08_gpt is asked: the MLP, logits position after position, the caches, gradients, and the graph behind them.

Untrusted side: runs in the worker, beside the learner's modules. Imports the standard library, `kit`, `kit_gpt`,
`backward` and `gpt` only. A model travels as the sizes of a random state (see kit_gpt) with a few more entries:

    "factors": {"wte": 0.1, "attn_wo": 0}     matrices of these names are multiplied, in all layers
    "n_head": 2                               None leaves that argument out
"""

from __future__ import annotations

from typing import Any

import backward
import gpt
import kit
import kit_gpt

State = dict[str, list[list[kit.Node]]]


def numbers(model: dict[str, Any]) -> dict[str, list[list[float]]]:
    """The model's state as numbers."""
    state = kit_gpt.state(model)
    for name, matrix in state.items():
        factor = model["factors"].get(name.rpartition(".")[2])
        if factor is not None:
            state[name] = [[factor * x for x in row] for row in matrix]
    return state


def _state(model: dict[str, Any]) -> State:
    """The model's state as fresh Values."""
    return {name: [kit.leaves(row) for row in matrix] for name, matrix in numbers(model).items()}


def _caches(model: dict[str, Any]) -> tuple[list[Any], list[Any]]:
    """Keys and values: an empty list for each layer."""
    return [[] for _ in range(model["layers"])], [[] for _ in range(model["layers"])]


def _logits(model: dict[str, Any], state: State, tokens: list[int], keys: Any, values: Any) -> list[list[kit.Node]]:
    """gpt() for positions 0, 1, 2, ...: one Value for each token of the vocabulary at each of them."""
    heads = [] if model["n_head"] is None else [model["n_head"]]
    found = [gpt.gpt(state, token, position, keys, values, *heads) for position, token in enumerate(tokens)]
    return [kit.nodes(row, model["vocab"], "gpt()") for row in found]


def _data(rows: list[list[kit.Node]], call: str) -> list[list[float]]:
    """What the Values hold."""
    return [[kit.data(one, f"{call}[{i}]") for i, one in enumerate(row)] for row in rows]


def _weighted(rows: list[list[kit.Node]], weights: list[list[float]]) -> kit.Node:
    """One Value to walk back from: the sum of the rows' Values times weights."""
    terms = [x * w for row, ws in zip(rows, weights, strict=True) for x, w in zip(row, ws, strict=True)]
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total


def _mlp(x: list[kit.Node], fc1: Any, fc2: Any) -> list[kit.Node]:
    """What mlp() returns: as many Values as there are rows in fc2."""
    return kit.nodes(gpt.mlp(x, fc1, fc2), len(fc2), "mlp()")


def mlp_output(x: list[float], fc1: list[list[float]], fc2: list[list[float]], named: bool) -> list[float]:
    """The numbers that mlp() gives, its arguments given by place or by name."""
    w1, w2 = [kit.leaves(row) for row in fc1], [kit.leaves(row) for row in fc2]
    if named:
        found = kit.nodes(gpt.mlp(fc2=w2, fc1=w1, x=kit.leaves(x)), len(fc2), "mlp()")
    else:
        found = _mlp(kit.leaves(x), w1, w2)
    return _data([found], "mlp()")[0]


def mlp_gradients(
    x: list[float], fc1: list[list[float]], fc2: list[list[float]], weights: list[float]
) -> dict[str, Any]:
    """The gradients of a weighted sum of what mlp() gives, by all it is given."""
    made, w1, w2 = kit.leaves(x), [kit.leaves(row) for row in fc1], [kit.leaves(row) for row in fc2]
    backward.backward(_weighted([_mlp(list(made), w1, w2)], [weights]))
    return {
        name: [[kit.grad(one, "an input after backward()") for one in row] for row in rows]
        for name, rows in (("x", [made]), ("fc1", w1), ("fc2", w2))
    }


def logits(model: dict[str, Any], tokens: list[int]) -> list[list[float]]:
    """The logits at each position, read when all are computed."""
    return _data(_logits(model, _state(model), tokens, *_caches(model)), "gpt()")


def named_logits(model: dict[str, Any], token: int) -> list[float]:
    """The logits of position 0, arguments given by name."""
    keys, values = _caches(model)
    found = gpt.gpt(n_head=model["n_head"], values=values, keys=keys, pos_id=0, token_id=token, state=_state(model))
    return _data([kit.nodes(found, model["vocab"], "gpt()")], "gpt()")[0]


def logits_of_runs(model: dict[str, Any], runs: list[list[int]]) -> list[list[list[float]]]:
    """The logits of several runs with one state, each with caches of its own."""
    state = _state(model)
    return [_data(_logits(model, state, tokens, *_caches(model)), "gpt()") for tokens in runs]


def caches(model: dict[str, Any], tokens: list[int]) -> dict[str, Any]:
    """The numbers in keys and values of each layer, after all positions."""
    keys, values = _caches(model)
    _logits(model, _state(model), tokens, keys, values)
    answer = {}
    for name, layers in (("keys", keys), ("values", values)):
        if len(layers) != model["layers"]:
            raise kit.WrongAnswer(
                f"{name} has {len(layers)} lists after gpt(), {model['layers']} before: one per layer"
            )
        answer[name] = [
            [_entry(row, model["embd"], f"an entry of {name}[{i}]") for row in layer] for i, layer in enumerate(layers)
        ]
    return answer


def _entry(row: Any, width: int, what: str) -> list[float]:
    """The numbers of one position's key or value."""
    if type(row) is not list or len(row) != width:
        raise kit.WrongAnswer(f"{what} is not a list of n_embd Values")
    return _data([row], what)[0]


def gradients(model: dict[str, Any], tokens: list[int], weights: list[list[float]]) -> dict[str, list[list[float]]]:
    """The gradients of a weighted sum of the logits, by every parameter."""
    state = _state(model)
    backward.backward(_weighted(_logits(model, state, tokens, *_caches(model)), weights))
    return {
        name: [[kit.grad(one, f"a parameter of {name} after backward()") for one in row] for row in matrix]
        for name, matrix in state.items()
    }


def graph(model: dict[str, Any], tokens: list[int]) -> list[dict[str, Any]]:
    """The graph under the logits of the last position."""
    rows = _logits(model, _state(model), tokens, *_caches(model))
    return kit.graph(rows[-1], "a node of gpt()")
