"""What 04_layers is asked: outputs of both layers, their gradients, the graphs behind them, and what became of inputs.

Untrusted side: runs in the worker, beside the learner's modules. Imports the standard library, `kit`, `backward` and
`layers` only; gradients come by way of whatever `backward` is there.
"""

from __future__ import annotations

from typing import Any

import backward
import kit
import layers

Matrix = list[list[float]]


def _rows(w: Matrix) -> list[list[kit.Node]]:
    """A matrix of fresh Values."""
    return [kit.leaves(row) for row in w]


def _linear(x: list[kit.Node], w: list[list[kit.Node]]) -> list[kit.Node]:
    """linear of these Values, one Value for each row."""
    count = len(w)
    return kit.nodes(layers.linear(x, w), count, "linear()")


def _rmsnorm(x: list[kit.Node], eps: float | None) -> list[kit.Node]:
    """rmsnorm of these Values; the learner's own default for an `eps` of None."""
    count = len(x)
    return kit.nodes(layers.rmsnorm(x) if eps is None else layers.rmsnorm(x, eps), count, "rmsnorm()")


def _data(found: list[kit.Node], call: str) -> list[float]:
    """The numbers in the Values that `call` returned."""
    return [kit.data(one, f"{call}[{i}]") for i, one in enumerate(found)]


def _grads(values: list[kit.Node], what: str) -> list[float]:
    """The gradients in these Values."""
    return [kit.grad(one, f"{what} after backward()") for one in values]


def _walk_back(outputs: list[kit.Node], weights: list[float]) -> None:
    """backward from the sum of the outputs, each times its weight."""
    first, *others = [one * weight for one, weight in zip(outputs, weights, strict=True)]
    backward.backward(sum(others, first))


def products(x: list[float], w: Matrix) -> list[float]:
    """The numbers that linear gives."""
    return _data(_linear(kit.leaves(x), _rows(w)), "linear()")


def named_products(x: list[float], w: Matrix) -> list[float]:
    """The numbers that linear gives, its arguments given by name."""
    return _data(kit.nodes(layers.linear(w=_rows(w), x=kit.leaves(x)), len(w), "linear()"), "linear()")


def linear_gradients(x: list[float], w: Matrix, weights: list[float]) -> dict[str, Any]:
    """Gradients of the weighted sum of linear's outputs, by every x and every w."""
    values, rows = kit.leaves(x), _rows(w)
    _walk_back(_linear(list(values), [list(row) for row in rows]), weights)
    return {"x": _grads(values, "an x"), "w": [_grads(row, "a w") for row in rows]}


def linear_of_shared(
    x: list[float], w: Matrix, places: list[int], rows: list[int], weights: list[float]
) -> dict[str, Any]:
    """The same where x is made of the Values at `places`, and w of the rows `rows`: some stand there twice."""
    values, matrix = kit.leaves(x), _rows(w)
    _walk_back(_linear([values[i] for i in places], [matrix[o] for o in rows]), weights)
    return {"x": _grads(values, "an x"), "w": [_grads(row, "a w") for row in matrix]}


def linear_of_results(x: list[float], w: Matrix, factor: float, weights: list[float]) -> list[float]:
    """Gradients by every x and the factor where linear is given x * factor, and w * factor."""
    values, scale = kit.leaves(x), kit.leaves([factor])[0]
    outputs = _linear([one * scale for one in values], [[one * scale for one in row] for row in _rows(w)])
    _walk_back(outputs, weights)
    return _grads([*values, scale], "an input")


def normed(x: list[float], eps: float | None = None) -> list[float]:
    """The numbers that rmsnorm gives."""
    return _data(_rmsnorm(kit.leaves(x), eps), "rmsnorm()")


def named_normed(x: list[float], eps: float) -> list[float]:
    """The numbers that rmsnorm gives, its arguments given by name."""
    return _data(kit.nodes(layers.rmsnorm(eps=eps, x=kit.leaves(x)), len(x), "rmsnorm()"), "rmsnorm()")


def rmsnorm_gradients(x: list[float], weights: list[float], eps: float | None = None) -> list[float]:
    """Gradients of the weighted sum of rmsnorm's outputs, by every x."""
    values = kit.leaves(x)
    _walk_back(_rmsnorm(list(values), eps), weights)
    return _grads(values, "an x")


def rmsnorm_of_results(x: list[float], factor: float, weights: list[float]) -> list[float]:
    """Gradients by every x and the factor where rmsnorm is given x * factor."""
    values, scale = kit.leaves(x), kit.leaves([factor])[0]
    _walk_back(_rmsnorm([one * scale for one in values], None), weights)
    return _grads([*values, scale], "an input")


def _now(lists: list[list[kit.Node]], before: list[list[kit.Node]]) -> dict[str, Any]:
    """What the lists hold now: which of the Values that were in them before, in which order, and what these hold."""
    values = [one for row in before for one in row]
    place = {id(one): i for i, one in enumerate(values)}
    return {
        "places": [[place.get(id(one), -1) for one in row] for row in lists],
        "data": [kit.data(one, "an input") for one in values],
        "grads": [kit.grad(one, "an input") for one in values],
        "children": [len(kit.edges(one, "an input")) for one in values],
    }


def inputs_of_linear(x: list[float], w: Matrix) -> dict[str, Any]:
    """What x and w hold after a call of linear."""
    values, rows = kit.leaves(x), _rows(w)
    matrix, before = list(rows), [list(values), *(list(row) for row in rows)]
    layers.linear(values, rows)
    place = {id(row): o for o, row in enumerate(matrix)}
    return {"rows": [place.get(id(row), -1) for row in rows], **_now([values, *matrix], before)}


def inputs_of_rmsnorm(x: list[float]) -> dict[str, Any]:
    """What x holds after a call of rmsnorm."""
    values = kit.leaves(x)
    before = [list(values)]
    layers.rmsnorm(values)
    return _now([values], before)


def linear_graph(x: list[float], w: Matrix) -> list[dict[str, Any]]:
    """The graph under all outputs of linear."""
    return kit.graph(_linear(kit.leaves(x), _rows(w)), "a node of linear()")


def rmsnorm_graph(x: list[float], eps: float) -> list[dict[str, Any]]:
    """The graph under all outputs of rmsnorm."""
    return kit.graph(_rmsnorm(kit.leaves(x), eps), "a node of rmsnorm()")
