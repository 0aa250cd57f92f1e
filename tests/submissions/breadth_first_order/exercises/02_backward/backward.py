from collections import deque

from value import Value


def topological_order(root: Value) -> list[Value]:
    """Level by level from the root, then turned round."""
    found, queue, seen = [], deque([root]), {root}
    while queue:
        node = queue.popleft()
        found.append(node)
        for child in node._children:
            if child not in seen:
                seen.add(child)
                queue.append(child)
    return found[::-1]


def backward(root: Value) -> None:
    order = topological_order(root)
    for node in order:
        if node._children:
            node.grad = 0.0
    root.grad = 1.0
    for node in order[::-1]:
        for child, slope in zip(node._children, node._local_grads):
            child.grad += slope * node.grad
