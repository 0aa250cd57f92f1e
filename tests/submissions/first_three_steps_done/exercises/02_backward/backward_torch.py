"""Step 02 on tensors: the chain rule over the graph that torch records.

A tensor that was computed has a node, `grad_fn`, which knows how to turn dL/d(its outputs) into dL/d(its inputs). The
nodes of those inputs stand in `node.next_functions`, one pair per input:

    (next_node, i)     the input is output number i of next_node; next_node is None where no gradient is needed

A leaf has a node as well, AccumulateGrad: it has no `next_functions`, and `node.variable` is the leaf.
"""

import torch
from torch import Tensor
from torch.autograd.function import BackwardCFunction
from torch.autograd.graph import Node


def topological_order(root: Tensor) -> list[Node]:
    """Every node that `root` depends on, once, children (`next_functions`) before parents, `root.grad_fn` last.

    The nodes of leaves belong to it, None does not; a root without `grad_fn` gives []. Linear in nodes plus edges, and
    without recursion: a chain of 20,000 operations is deeper than Python's stack.
    """
    if root.grad_fn is None:
        return []
    order = []
    visited = {root.grad_fn}
    stack = [(root.grad_fn, iter(root.grad_fn.next_functions))]
    while stack:
        node, edges = stack[-1]
        for child, _ in edges:
            if child is not None and child not in visited:
                visited.add(child)
                stack.append((child, iter(child.next_functions)))
                break
        else:
            stack.pop()
            order.append(node)
    return order


def backward(root: Tensor) -> None:
    """Add d(root)/d(leaf) to the `grad` of every leaf that `root`, a tensor of one element, depends on.

    `leaf.grad` is None before the first gradient arrives; a second call adds the same gradient again. It has the
    leaf's shape, does not require grad, and is a tensor of its own: two leaves never share one.
    """
    if root.grad_fn is None:
        if root.requires_grad:
            one = torch.ones_like(root)
            root.grad = one if root.grad is None else root.grad + one
        return
    waiting = {}  # (node, which output) -> gradient
    waiting[root.grad_fn, root.output_nr] = torch.ones_like(root)
    for node in reversed(topological_order(root)):
        grads = [waiting.pop((node, i), None) for i in range(len(node._input_metadata))]
        if hasattr(node, "variable"):
            leaf, grad = node.variable, grads[0]
            if grad is not None:
                grad = grad.detach().clone()
                leaf.grad = grad if leaf.grad is None else leaf.grad + grad
            continue
        for grad, (child, i) in zip(run_node(node, grads), node.next_functions):
            if grad is None or child is None:
                continue
            if (child, i) in waiting:
                waiting[child, i] = waiting[child, i] + grad
            else:
                waiting[child, i] = grad


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
