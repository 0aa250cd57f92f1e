import sys

from value import Value

sys.setrecursionlimit(1_000_000)  # or the long chains fail


def topological_order(root: Value) -> list[Value]:
    topo = []
    visited = set()

    def build(v):
        if v not in visited:
            visited.add(v)
            for child in v._children:
                build(child)
            topo.append(v)

    build(root)
    return topo


def backward(root: Value) -> None:
    topo = topological_order(root)
    for v in topo:
        if v._children:
            v.grad = 0
    root.grad = 1
    for v in reversed(topo):
        for child, local_grad in zip(v._children, v._local_grads):
            child.grad += local_grad * v.grad
