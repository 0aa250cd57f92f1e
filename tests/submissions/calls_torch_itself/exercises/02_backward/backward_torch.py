import torch
from torch import Tensor


def topological_order(root: Tensor) -> list:
    order, state = [], {}
    todo = [root.grad_fn] if root.grad_fn is not None else []
    while todo:
        node = todo[-1]
        if node not in state:
            state[node] = "open"
            todo += [c for c, _ in node.next_functions if c is not None and c not in state]
        else:
            todo.pop()
            if state[node] == "open":
                state[node] = "done"
                order.append(node)
    return order


def backward(root: Tensor) -> None:
    leaves = [node.variable for node in topological_order(root) if hasattr(node, "variable")]
    if not leaves:
        return
    for leaf, grad in zip(leaves, torch.autograd.grad(root, leaves, retain_graph=True, allow_unused=True)):
        if grad is not None:
            leaf.grad = grad.clone() if leaf.grad is None else leaf.grad + grad
