import torch
from torch import Tensor
from torch.autograd.function import BackwardCFunction
from torch.autograd.graph import Node


def topological_order(root: Tensor) -> list[Node]:
    finished = {}  # a dict keeps the order of its keys
    entered = set()
    stack = [(root.grad_fn, False)]
    while stack:
        node, children_done = stack.pop()
        if node is None:
            continue
        if children_done:
            finished[node] = True
        elif node not in entered:
            entered.add(node)
            stack.append((node, True))
            stack.extend((child, False) for child, _ in node.next_functions)
    return list(finished)


def backward(root: Tensor) -> None:
    todo = topological_order(root)
    arrived = {}  # (node, number of its output) -> gradient so far
    arrived[root.grad_fn, root.output_nr] = torch.ones_like(root).detach()
    while todo:
        node = todo.pop()
        outputs = len(node._input_metadata)
        grads = [arrived.pop((node, i), None) for i in range(outputs)]
        if all(grad is None for grad in grads):
            continue
        if hasattr(node, "variable"):
            leaf, (grad,) = node.variable, grads
            leaf.grad = torch.add(grad, 0 if leaf.grad is None else leaf.grad).detach()
            continue
        for place, grad in zip(node.next_functions, run_node(node, grads)):
            if grad is not None:
                arrived[place] = arrived[place] + grad if place in arrived else grad


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
