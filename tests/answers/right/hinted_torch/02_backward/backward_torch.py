"""Step 02 on tensors, written along the hints."""

import torch
from torch import Tensor
from torch.autograd.function import BackwardCFunction
from torch.autograd.graph import Node


def topological_order(root: Tensor) -> list[Node]:
    order, seen = [], set()
    waiting = [(root.grad_fn, "visit")]
    while waiting:
        here, what = waiting.pop()
        if what == "done":
            order.append(here)
        elif here is not None and here not in seen:
            seen.add(here)
            waiting.append((here, "done"))
            for child, _ in here.next_functions:
                waiting.append((child, "visit"))
    return order


def backward(root: Tensor) -> None:
    arrived = {}
    if root.grad_fn is not None:
        arrived[root.grad_fn, root.output_nr] = torch.ones_like(root)
    with torch.no_grad():
        for node in reversed(topological_order(root)):
            outputs = [arrived.get((node, i)) for i in range(len(node._input_metadata))]
            if not node.next_functions:
                if outputs[0] is not None:
                    leaf = node.variable
                    leaf.grad = outputs[0].clone() if leaf.grad is None else leaf.grad + outputs[0]
                continue
            for edge, grad in zip(node.next_functions, run_node(node, outputs)):
                if grad is not None:
                    arrived[edge] = arrived[edge] + grad if edge in arrived else grad


def run_node(node: Node, grads: list[Tensor | None]) -> list[Tensor | None]:
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
