"""What 07_attention is asked: outputs, gradients, what is appended to the caches, and the graph behind an output.

Untrusted side: runs in the worker, beside the learner's modules. Imports the standard library, `kit`, `backward` and
`attention` only. A problem travels as numbers: {"x", "keys", "values", "wq", "wk", "wv", "wo"} and "n_head", where
keys and values are those of earlier positions. "n_head": None leaves that argument out.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import attention
import backward
import kit

Rows = list[list[kit.Node]]
CALL = "attention()"
MATRICES = ("wq", "wk", "wv", "wo")


def _rows(numbers: list[list[float]]) -> Rows:
    """Fresh Values in rows."""
    return [kit.leaves(row) for row in numbers]


def _matrices(problem: dict[str, Any]) -> dict[str, Rows]:
    """The four matrices as Values."""
    return {name: _rows(problem[name]) for name in MATRICES}


def _attend(x: list[kit.Node], keys: Rows, values: Rows, matrices: dict[str, Rows], n_head: int | None) -> Any:
    """What attention() returns."""
    heads = [] if n_head is None else [n_head]
    return attention.attention(x, keys, values, *matrices.values(), *heads)


def _outputs(x: list[kit.Node], *given: Any) -> list[kit.Node]:
    """The same, where as many Values as in x belong."""
    width = len(x)
    return kit.nodes(_attend(x, *given), width, CALL)


def _numbers(outputs: list[kit.Node]) -> list[float]:
    """What the outputs hold."""
    return [kit.data(one, f"{CALL}[{i}]") for i, one in enumerate(outputs)]


def _weighted(outputs: list[kit.Node], weights: list[float]) -> kit.Node:
    """One Value to walk back from: the sum of outputs times weights."""
    total = outputs[0] * weights[0]
    for one, weight in zip(outputs[1:], weights[1:], strict=True):
        total = total + one * weight
    return total


def _gradients(rows: Rows) -> list[list[float]]:
    """What the Values' gradients are."""
    return [[kit.grad(one, "an input after backward()") for one in row] for row in rows]


def output(problem: dict[str, Any]) -> list[float]:
    """The output for one new position after the cached ones."""
    given = kit.leaves(problem["x"]), _rows(problem["keys"]), _rows(problem["values"])
    return _numbers(_outputs(*given, _matrices(problem), problem["n_head"]))


def named_output(problem: dict[str, Any]) -> list[float]:
    """The same, arguments given by name."""
    x, keys, values = kit.leaves(problem["x"]), _rows(problem["keys"]), _rows(problem["values"])
    found = attention.attention(n_head=problem["n_head"], **_matrices(problem), values=values, keys=keys, x=x)
    return _numbers(kit.nodes(found, len(problem["x"]), CALL))


def gradients(problem: dict[str, Any], weights: list[float]) -> dict[str, list[list[float]]]:
    """The gradients of a weighted sum of the outputs by everything that attention() is given."""
    x, matrices = kit.leaves(problem["x"]), _matrices(problem)
    keys, values = _rows(problem["keys"]), _rows(problem["values"])
    leaves = {"x": [x], "keys": list(keys), "values": list(values)} | matrices
    backward.backward(_weighted(_outputs(list(x), keys, values, matrices, problem["n_head"]), weights))
    return {name: _gradients(rows) for name, rows in leaves.items()}


def in_turn(problem: dict[str, Any], xs: list[list[float]]) -> list[list[float]]:
    """The outputs of positions 0, 1, 2, ... with the same lists, empty at first; read when all are computed."""
    matrices, keys, values = _matrices(problem), [], []
    found = [_outputs(kit.leaves(x), keys, values, matrices, problem["n_head"]) for x in xs]
    return [_numbers(outputs) for outputs in found]


def gradients_in_turn(
    problem: dict[str, Any], xs: list[list[float]], position: int, weights: list[float]
) -> dict[str, list[list[float]]]:
    """The gradients of a weighted sum of one position's outputs, after all positions were computed in turn."""
    matrices, keys, values, made = _matrices(problem), [], [], _rows(xs)
    found = [_outputs(list(x), keys, values, matrices, problem["n_head"]) for x in made]
    backward.backward(_weighted(found[position], weights))
    return {name: _gradients(rows) for name, rows in ({"xs": made} | matrices).items()}


def _cached(row: Any, width: int, what: str) -> list[float]:
    """The numbers of one entry of a cache, which must be a list of `width` Values."""
    if type(row) is not list:
        raise kit.WrongAnswer(f"{what} is {kit.kind(row)}; a list of {width} Values belongs there")
    if len(row) != width:
        raise kit.WrongAnswer(f"{what} has {len(row)} items where {width} Values belong")
    return [kit.data(one, f"a number of {what}") for one in row]


def caches(problem: dict[str, Any], calls: int) -> dict[str, Any]:
    """What the caller's lists hold after some calls, and whether what they held before is still the same objects."""
    width, matrices = len(problem["x"]), _matrices(problem)
    lists = {"keys": _rows(problem["keys"]), "values": _rows(problem["values"])}
    before = {name: [(row, list(row)) for row in rows] for name, rows in lists.items()}
    for _ in range(calls):
        _outputs(kit.leaves(problem["x"]), lists["keys"], lists["values"], matrices, problem["n_head"])
    answer: dict[str, Any] = {}
    for name, rows in lists.items():
        answer[name] = [_cached(row, width, f"{name}[{i}]") for i, row in enumerate(rows)]
        answer[f"earlier {name}"] = len(rows) >= len(before[name]) and all(
            now is row and len(now) == len(items) and all(a is b for a, b in zip(now, items, strict=True))
            for now, (row, items) in zip(rows, before[name], strict=False)
        )
    return answer


def refused(problem: dict[str, Any]) -> None:
    """Try a number of heads that does not fit."""
    given = kit.leaves(problem["x"]), _rows(problem["keys"]), _rows(problem["values"])
    _attend(*given, _matrices(problem), problem["n_head"])


def after_refusal(problem: dict[str, Any]) -> dict[str, int]:
    """How many keys and values there are after the error."""
    keys, values = _rows(problem["keys"]), _rows(problem["values"])
    with suppress(ValueError):
        _attend(kit.leaves(problem["x"]), keys, values, _matrices(problem), problem["n_head"])
    return {"keys": len(keys), "values": len(values)}


def graph(problem: dict[str, Any]) -> list[dict[str, Any]]:
    """The graph under the outputs."""
    given = kit.leaves(problem["x"]), _rows(problem["keys"]), _rows(problem["values"])
    return kit.graph(_outputs(*given, _matrices(problem), problem["n_head"]), f"a node of {CALL}")
