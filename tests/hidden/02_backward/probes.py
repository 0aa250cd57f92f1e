"""What 02_backward is asked: the order of a graph, and the gradients in it.

Untrusted side: runs in the worker, beside the learner's modules. Imports the standard library, `kit`, `value` and
`backward` only. A graph travels as a recipe {"inputs": numbers, "steps": [operation, i, j]}: each step makes a new
Value from those of places i and j, counted over the inputs and then the steps. For `**`, j is the exponent.
"""

from __future__ import annotations

import operator
from typing import Any

import kit_stack  # before any learner code: see there

# isort: split
import backward
import kit

OPERATIONS = {
    "+": lambda values, i, j: values[i] + values[j],
    "*": lambda values, i, j: values[i] * values[j],
    "**": lambda values, i, j: values[i] ** j,
    "exp": lambda values, i, _: values[i].exp(),
    "log": lambda values, i, _: values[i].log(),
    "relu": lambda values, i, _: values[i].relu(),
}


def _build(recipe: dict[str, Any]) -> list[kit.Node]:
    """The Values of a recipe, inputs first."""
    values = kit.leaves(recipe["inputs"])
    for operation, i, j in recipe["steps"]:
        values.append(OPERATIONS[operation](values, i, j))
    return values


def order(recipe: dict[str, Any], root: int) -> dict[str, Any]:
    """The graph under a root, node 0, as lists of children; and the order as places in that graph (-1: not there)."""
    top = _build(recipe)[root]
    found, _ = kit.reached([top], "a node")
    place = {id(one): i for i, one in enumerate(found)}
    children = [[place[id(child)] for child, _ in kit.edges(one, "a node")] for one in found]
    listed = kit.nodes(backward.topological_order(top), None, "topological_order()")
    return {"order": [place.get(id(one), -1) for one in listed], "children": children}


def gradients(recipe: dict[str, Any], before: list[float], roots: list[int], places: list[int]) -> list[float]:
    """The gradients at some places of a recipe, after backward() of each root in turn.

    before: what the gradients are set to first, counted over inputs and steps; [] leaves them as they are.
    """
    values = _build(recipe)
    for one, start in zip(values, before, strict=False):
        one.grad = start
    for root in roots:
        backward.backward(values[root])
    return [kit.grad(values[i], "a node after backward()") for i in places]


def returned(recipe: dict[str, Any]) -> int:
    """Look at what backward() returns; the length of the order. The argument is given by name."""
    top = _build(recipe)[-1]
    result = backward.backward(root=top)
    if result is not None:
        raise kit.WrongAnswer(f"backward() returned {kit.kind(result)}; it fills in `grad` and returns nothing")
    return len(kit.nodes(backward.topological_order(root=top), None, "topological_order()"))


def chain(length: int) -> dict[str, Any]:
    """x + w, (x + w) + w, ...: a graph as deep as it has operations, its order, and the gradients of its first half.

    in_order: whether the chain's Values stand in the order one after the other, at its end; gradients: of x, of w, of a
    Value half-way. Half of the chain is deep enough for backward(), which makes an order of its own.
    """
    x, w = kit.leaves([0.5, 0.25])
    links = [x]
    for _ in range(length):
        links.append(links[-1] + w)
    with kit_stack.shallow_stack():
        listed = backward.topological_order(links[-1])
        backward.backward(links[length // 2])
    in_order = type(listed) is list and all(map(operator.is_, reversed(listed), reversed(links[1:])))
    if not in_order:
        kit.nodes(listed, None, "topological_order()")  # is there anything in it that is no Value?
    return {
        "length": len(listed),
        "in_order": in_order,
        "gradients": [kit.grad(one, "a node after backward()") for one in (x, w, links[length // 4])],
    }
