"""Step 02: the chain rule over a whole graph."""

from value import Value


def topological_order(root: Value) -> list[Value]:
    order = []
    visited = {root}
    stack = [(root, iter(root._children))]
    while stack:
        node, children = stack[-1]
        for child in children:
            if child not in visited:
                visited.add(child)
                stack.append((child, iter(child._children)))
                break
        else:  # no child left: the node is finished
            stack.pop()
            order.append(node)
    return order


def backward(root: Value) -> None:
    order = topological_order(root)
    for node in order:
        if node._children:
            node.grad = 0
    root.grad = 1
    for node in reversed(order):
        for child, local in zip(node._children, node._local_grads):
            child.grad += local * node.grad
