from value import Value


def topological_order(root: Value) -> list[Value]:
    order, seen = [], set()
    stack = [(root, False)]
    while stack:
        node, finished = stack.pop()
        if finished:
            order.append(node)
            continue
        if node in seen:
            continue
        seen.add(node)
        stack.append((node, True))
        for child in node._children:
            stack.append((child, False))
    return order


def backward(root: Value) -> None:
    order = topological_order(root)
    for v in order:
        if v._children != ():
            v.grad = 0.0
    root.grad = 1.0
    for v in order[::-1]:
        for child, slope in zip(v._children, v._local_grads):
            child.grad += slope * v.grad
