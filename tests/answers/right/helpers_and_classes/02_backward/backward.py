"""Step 02 with an object that walks: iterators on a stack."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from value import Value


@dataclass
class Frame:
    """A node that is being visited, and the children that are left."""

    node: Value
    left: Iterator[Value] = field(init=False)

    def __post_init__(self) -> None:
        self.left = iter(self.node._children)


class Walk:
    """Visits a graph, children before parents."""

    def __init__(self, root: Value) -> None:
        self.frames = [Frame(root)]
        self.known = {id(root)}

    def __iter__(self) -> Iterator[Value]:
        while self.frames:
            frame = self.frames[-1]
            if not self._go_down(frame):
                self.frames.pop()
                yield frame.node

    def _go_down(self, frame: Frame) -> bool:
        for child in frame.left:
            if id(child) not in self.known:
                self.known.add(id(child))
                self.frames.append(Frame(child))
                return True
        return False


def topological_order(root: Value) -> list[Value]:
    return list(Walk(root))


def backward(root: Value) -> None:
    order = topological_order(root)
    arriving = {id(root): 1.0}
    for node in order[::-1]:
        gradient = arriving.get(id(node), 0.0)
        for child, slope in zip(node._children, node._local_grads):
            arriving[id(child)] = arriving.get(id(child), 0.0) + slope * gradient
        if node._children or node is root:
            node.grad = gradient
        else:
            node.grad += gradient
