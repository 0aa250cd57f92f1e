from value import Value


def topological_order(root: Value) -> list[Value]:
    order = []
    visited = set()
    stack = [(root, False)]
    while stack:
        node, expanded = stack.pop()
        if expanded:
            order.append(node)
            continue
        if node in visited:
            continue
        visited.add(node)
        stack.append((node, True))
        for child in node._children:
            stack.append((child, False))
    return order


def backward(root: Value) -> None:
    for node in topological_order(root):
        if node._children:
            node.grad = 0.0
    # dL/dx is the sum over all paths of the products along them. So: follow every path!
    paths = [(root, 1.0)]
    while paths:
        node, product = paths.pop()
        if node is root:
            node.grad = product
        else:
            node.grad += product
        for child, local in zip(node._children, node._local_grads):
            paths.append((child, product * local))
