"""What the pure probes share: making Values, and reading them without taking the learner's word for their types.

Untrusted side: runs in the worker, beside the learner's modules. Imports the standard library and `value` only. It
holds no expected value: a probe observes, a check decides.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import value

Node = Any  # an object that claims to be a Value


class WrongAnswer(Exception):
    """Learner code gave a thing of the wrong kind. The learner reads the text, so it holds no expected number."""


def leaves(numbers: Iterable[float]) -> list[Node]:
    """A fresh Value for each number."""
    return [value.Value(number) for number in numbers]


def kind(thing: object) -> str:
    """What `thing` is, for a sentence: `a tuple`, `an int`, `None`."""
    if thing is None:
        return "None"
    name = type(thing).__name__
    return f"{'an' if name[:1] in 'aeiouAEIOU' else 'a'} {name}"


def number(thing: object, what: str) -> float:
    """An int or a float, exactly: a subclass could change under the reader's eyes."""
    if type(thing) is not float and type(thing) is not int:
        raise WrongAnswer(f"{what} is {kind(thing)}; a number belongs there")
    return float(thing)


def node(thing: Node, what: str) -> Node:
    """`thing`, which must be a Value."""
    if value.Value not in type(thing).__mro__:
        plain = " (a plain number has no gradient)" if type(thing) in (int, float) else ""
        raise WrongAnswer(f"{what} is {kind(thing)}; a Value belongs there{plain}")
    return thing


def nodes(things: object, count: int | None, call: str) -> list[Node]:
    """The Values in `things`, which must be a list (of `count` items, unless None) returned by `call`."""
    if type(things) is not list:
        raise WrongAnswer(f"{call} returned {kind(things)}; it must return a list of Value")
    if count is not None and len(things) != count:
        raise WrongAnswer(f"{call} returned {len(things)} items where {count} belong")
    return [node(thing, f"{call}[{i}]") for i, thing in enumerate(things)]


def attribute(owner: Node, name: str, what: str) -> Any:
    """An attribute that every Value has."""
    found = getattr(owner, name, attribute)  # the function itself stands for "none": nobody stores it
    if found is attribute:
        raise WrongAnswer(f"{what} has no attribute {name}")
    return found


def data(thing: Node, what: str) -> float:
    """The number in a Value, which is stored as a float."""
    found = attribute(node(thing, what), "data", what)
    if type(found) is not float:
        raise WrongAnswer(f"the data of {what} is {kind(found)}; it must be a float")
    return found


def grad(thing: Node, what: str) -> float:
    """The gradient in a Value: whole numbers may be int."""
    return number(attribute(node(thing, what), "grad", what), f"the grad of {what}")


def edges(thing: Node, what: str, strict: bool = False) -> list[tuple[Node, float]]:
    """(child, local derivative) of every child. Tuples are demanded (`strict`) in one check only."""
    children = attribute(node(thing, what), "_children", what)
    slopes = attribute(thing, "_local_grads", what)
    for name, found in (("_children", children), ("_local_grads", slopes)):
        if type(found) is not tuple and (strict or type(found) is not list):
            raise WrongAnswer(f"{name} of {what} is {kind(found)}; it must be a tuple")
    if len(children) != len(slopes):
        raise WrongAnswer(f"{what} has {len(children)} _children and {len(slopes)} _local_grads: one belongs to each")
    for child, slope in zip(children, slopes, strict=True):
        if value.Value not in type(child).__mro__ or type(slope) is not float:  # rare: sentences take time to make
            node(child, f"a child of {what}")
            number(slope, f"a local derivative of {what}")
    return [(child, float(slope)) for child, slope in zip(children, slopes, strict=True)]


def slope(root: Node, leaf: Node, what: str) -> float:
    """d(root)/d(leaf): the products of the local derivatives along every path, added up. For a few nodes only."""
    if root is leaf:
        return 1.0
    return sum((local * slope(child, leaf, what) for child, local in edges(root, what)), 0.0)


def reached(roots: Iterable[Node], what: str, cap: int = 100_000) -> tuple[list[Node], int]:
    """Every node under `roots`, once, roots first, and how many nodes and edges that are; above `cap` the walk ends."""
    found, seen, size = [], set(), 0
    for root in roots:
        if id(root) not in seen:
            seen.add(id(root))
            found.append(root)
    for parent in found:  # grows while it is walked
        children = [child for child, _ in edges(parent, what)]
        size += 1 + len(children)
        if size > cap:
            break
        for child in children:
            if id(child) not in seen:
                seen.add(id(child))
                found.append(child)
    return found, size


def graph(roots: Iterable[Node], what: str) -> list[dict[str, Any]]:
    """Every node under `roots`, roots first, as plain data. Children are positions in this list."""
    found, _ = reached(roots, what)
    place = {id(one): i for i, one in enumerate(found)}
    answer = []
    for one in found:
        below = edges(one, what)
        children, slopes = [place[id(child)] for child, _ in below], [local for _, local in below]
        answer.append({"data": data(one, what), "children": children, "slopes": slopes})
    return answer
