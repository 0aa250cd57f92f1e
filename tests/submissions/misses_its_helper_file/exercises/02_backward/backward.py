from graph_tools import postorder  # my own file, see next to this one

from value import Value


def topological_order(root: Value) -> list[Value]:
    return postorder(root, lambda v: v._children)


def backward(root: Value) -> None:
    order = topological_order(root)
    for v in order:
        if v._children:
            v.grad = 0.0
    root.grad = 1.0
    for v in reversed(order):
        for child, local in zip(v._children, v._local_grads):
            child.grad += local * v.grad
