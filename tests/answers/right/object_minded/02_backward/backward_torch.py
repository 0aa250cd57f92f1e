"""Step 02 on tensors, with two objects: one walks the graph, the other collects what arrives at a node."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor
from torch.autograd.function import BackwardCFunction
from torch.autograd.graph import Node


class Visit:
    """A node whose children are being looked at."""

    __slots__ = ("node", "rest")

    def __init__(self, node: Node) -> None:
        self.node = node
        self.rest: Iterator[Node] = (child for child, _ in node.next_functions if child is not None)


class Walk:
    """Depth first: the path from the root to where we are, as a list of visits."""

    def __init__(self, root: Tensor) -> None:
        self.order: list[Node] = []
        self.seen: set[Node] = set()
        self.path: list[Visit] = []
        if root.grad_fn is not None:
            self.enter(root.grad_fn)

    def enter(self, node: Node) -> None:
        if node not in self.seen:
            self.seen.add(node)
            self.path.append(Visit(node))

    def run(self) -> list[Node]:
        while self.path:
            here = self.path[-1]
            child = next(here.rest, None)
            if child is None:
                self.order.append(self.path.pop().node)
            else:
                self.enter(child)
        return self.order


def topological_order(root: Tensor) -> list[Node]:
    """Every node that `root` depends on, once, children (`next_functions`) before parents, `root.grad_fn` last."""
    return Walk(root).run()


class Inbox:
    """The gradients of a node's outputs so far."""

    def __init__(self, node: Node) -> None:
        self.grads: list[Tensor | None] = [None for _ in node._input_metadata]

    def receive(self, i: int, grad: Tensor | None) -> None:
        if grad is None:
            return
        present = self.grads[i]
        self.grads[i] = grad.clone() if present is None else present.add_(grad)  # our own copy, so in place

    @property
    def empty(self) -> bool:
        return all(grad is None for grad in self.grads)


class Leaf:
    """A leaf and its gradient."""

    def __init__(self, tensor: Tensor) -> None:
        self.tensor = tensor

    def accumulate(self, grad: Tensor) -> None:
        if self.tensor.grad is None:
            self.tensor.grad = torch.zeros_like(self.tensor, requires_grad=False)
        self.tensor.grad += grad


@torch.no_grad()
def backward(root: Tensor) -> None:
    """Add d(root)/d(leaf) to the `grad` of every leaf that `root`, a tensor of one element, depends on."""
    one = torch.ones_like(root)
    if root.grad_fn is None:
        if root.requires_grad:
            Leaf(root).accumulate(one)  # a leaf by itself: torch does so, too
        return
    order = topological_order(root)
    inboxes = {node: Inbox(node) for node in order}
    inboxes[root.grad_fn].receive(root.output_nr, one)
    for node in reversed(order):
        inbox = inboxes[node]
        if inbox.empty:
            continue
        if hasattr(node, "variable"):
            Leaf(node.variable).accumulate(inbox.grads[0])
        else:
            for (child, i), grad in zip(node.next_functions, run_node(node, inbox.grads)):
                if child is not None:
                    inboxes[child].receive(i, grad)


def run_node(node: Node, grads: list[Tensor | None]) -> list[Tensor | None]:
    """Given: call one node. Gradients of its outputs in, gradients of its inputs out.

    grads:    one gradient (or None where there is none) per output of the node
    returns:  one gradient (or None) per entry of `node.next_functions`, in the shape and dtype of that input

    Not for the nodes of leaves, which have no inputs.
    """
    with torch.no_grad():
        results = _run_python(node, grads) if isinstance(node, BackwardCFunction) else node(*grads)
        results = results if isinstance(results, tuple) else (results,)
        return [_fit(grad, *edge) for grad, edge in zip(results, node.next_functions, strict=True)]


def _run_python(node: Node, grads: list[Tensor | None]) -> tuple[Tensor | None, ...]:
    """A Function written in Python: it expects zeros instead of None, and answers for inputs that are no tensors."""
    filled = [
        torch.zeros(meta.shape, dtype=meta.dtype, device=meta.device) if grad is None else grad
        for grad, meta in zip(grads, node._input_metadata, strict=True)
    ]
    results = node.apply(*filled)
    results = results if isinstance(results, tuple) else (results,)
    needed = iter([grad for grad, needs in zip(results, node.needs_input_grad, strict=False) if needs])
    return tuple(None if child is None else next(needed) for child, _ in node.next_functions)


def _fit(grad: Tensor | None, child: Node | None, i: int) -> Tensor | None:
    """The gradient in the shape and dtype of output i of `child`.

    An input that was broadcast was used once per copy: the gradients of its copies add up.
    """
    if grad is None or child is None:
        return None
    meta = child._input_metadata[i]
    return grad.sum_to_size(meta.shape).to(meta.dtype)
