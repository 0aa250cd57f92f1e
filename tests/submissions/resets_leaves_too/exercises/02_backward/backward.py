from value import Value


def topological_order(root: Value) -> list[Value]:
    order, seen = [], set()
    stack = [(root, 0)]
    seen.add(id(root))
    while stack:
        node, i = stack.pop()
        if i < len(node._children):
            stack.append((node, i + 1))
            child = node._children[i]
            if id(child) not in seen:
                seen.add(id(child))
                stack.append((child, 0))
        else:
            order.append(node)
    return order


def backward(root: Value) -> None:
    order = topological_order(root)
    for node in order:
        node.grad = 0.0  # start from a clean slate
    root.grad = 1.0
    for node in reversed(order):
        for child, local in zip(node._children, node._local_grads):
            child.grad += local * node.grad
