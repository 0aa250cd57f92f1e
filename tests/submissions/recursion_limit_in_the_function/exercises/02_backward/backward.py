from sys import getrecursionlimit, setrecursionlimit

from value import Value


def topological_order(root: Value) -> list[Value]:
    old = getrecursionlimit()
    setrecursionlimit(10**6)
    done, order = set(), []

    def visit(v):
        if v in done:
            return
        done.add(v)
        for c in v._children:
            visit(c)
        order.append(v)

    try:
        visit(root)
    finally:
        setrecursionlimit(old)
    return order


def backward(root: Value) -> None:
    order = topological_order(root)
    for v in order:
        if v._children:
            v.grad = 0.0
    root.grad = 1.0
    while order:
        v = order.pop()
        for child, slope in zip(v._children, v._local_grads):
            child.grad += slope * v.grad
