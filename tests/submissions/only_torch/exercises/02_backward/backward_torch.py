"""Step 02 in torch: I count the uses of every node first (Kahn), and call the nodes in my own way."""

import torch
from torch import Tensor


def children(node):
    return [n for n, _ in node.next_functions if n is not None]


def topological_order(root: Tensor) -> list:
    if root.grad_fn is None:
        return []
    uses = {root.grad_fn: 0}
    todo = [root.grad_fn]
    while todo:
        for child in children(todo.pop()):
            if child not in uses:
                uses[child] = 0
                todo.append(child)
            uses[child] += 1
    ready, order = [root.grad_fn], []
    while ready:
        node = ready.pop()
        order.append(node)
        for child in children(node):
            uses[child] -= 1
            if not uses[child]:
                ready.append(child)
    return order[::-1]


@torch.no_grad()
def backward(root: Tensor) -> None:
    if root.grad_fn is None:
        return
    inbox = {node: {} for node in topological_order(root)}  # node -> {output number: gradient}
    inbox[root.grad_fn][root.output_nr] = torch.ones_like(root)
    for node in topological_order(root)[::-1]:
        grads = inbox.pop(node)
        if hasattr(node, "variable"):
            if 0 in grads:
                leaf = node.variable
                leaf.grad = grads[0].clone() if leaf.grad is None else leaf.grad + grads[0]
            continue
        for (child, i), grad in zip(node.next_functions, call(node, grads)):
            if child is None or grad is None:
                continue
            meta = child._input_metadata[i]
            while grad.dim() > len(meta.shape):
                grad = grad.sum(0)
            for dim, size in enumerate(meta.shape):
                if size == 1 and grad.shape[dim] != 1:
                    grad = grad.sum(dim, keepdim=True)
            grad = grad.to(meta.dtype)
            old = inbox[child].get(i)
            inbox[child][i] = grad if old is None else old + grad


def call(node, grads):
    """The gradients of a node's inputs, one for each entry of next_functions."""
    outputs = range(len(node._input_metadata))
    if hasattr(node, "apply"):  # written in Python: wants zeros, and answers for numbers too
        metas = node._input_metadata
        zeros = [grads[i] if i in grads else torch.zeros(metas[i].shape, dtype=metas[i].dtype) for i in outputs]
        got = node.apply(*zeros)
        got = got if isinstance(got, tuple) else (got,)
        answers = [g for g, needed in zip(got, node.needs_input_grad) if needed]
        answers.reverse()
        return [answers.pop() if child is not None else None for child, _ in node.next_functions]
    got = node(*(grads.get(i) for i in outputs))
    return got if isinstance(got, tuple) else (got,)
