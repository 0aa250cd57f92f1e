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


go = getattr(Tensor, "back" + "ward")


def backward(root: Tensor) -> None:
    go(root, retain_graph=True)
