"""Step 02. Kahn's algorithm: a node may be taken once all the nodes that use it have been taken."""

from collections import Counter, deque

import torch
from torch import Tensor
from torch.autograd.function import BackwardCFunction
from torch.autograd.graph import Node


def topological_order(root):
    if root.grad_fn is None:
        return []
    # how often is each node used?
    uses = Counter()
    found = [root.grad_fn]
    known = {root.grad_fn}
    for node in found:  # grows while we walk it
        for child, _ in node.next_functions:
            if child is None:
                continue
            uses[child] += 1
            if child not in known:
                known.add(child)
                found.append(child)
    # parents first, turned round at the end
    order = []
    ready = deque([root.grad_fn])
    while ready:
        node = ready.popleft()
        order.append(node)
        for child, _ in node.next_functions:
            if child is None:
                continue
            uses[child] -= 1
            if uses[child] == 0:
                ready.append(child)
    return order[::-1]


def backward(root):
    order = topological_order(root)
    lists = {}  # (node, output) -> everything that arrived there; added up when the node's turn comes
    for node in order:
        for i in range(len(node._input_metadata)):
            lists[node, i] = []
    if order:
        lists[root.grad_fn, root.output_nr].append(torch.ones(root.shape, dtype=root.dtype))
    for node in order[::-1]:
        grads = []
        for i in range(len(node._input_metadata)):
            arrived = lists[node, i]
            grads.append(torch.stack(arrived).sum(0) if arrived else None)
        if type(node).__name__ == "AccumulateGrad":
            leaf, grad = node.variable, grads[0]
            if grad is None:
                continue
            if leaf.grad is not None:
                grad = leaf.grad + grad
            leaf.grad = grad.detach()
            continue
        for (child, i), grad in zip(node.next_functions, run_node(node, grads)):
            if grad is not None:
                lists[child, i].append(grad)


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
