from itertools import chain


def topological_order(root):
    order, seen, stack = [], {root}, [(root, iter(root._children))]
    while stack:
        node, rest = stack[-1]
        child = next((c for c in rest if c not in seen), None)
        if child is None: order.append(stack.pop()[0])
        else: seen.add(child); stack.append((child, iter(child._children)))
    return order


def backward(root):
    order = topological_order(root)
    for node in order: node.grad = 0 if node._children else node.grad
    root.grad = 1
    edges = ((node, *edge) for node in order[::-1] for edge in zip(node._children, node._local_grads))
    for node, child, slope in chain(edges): child.grad += node.grad * slope
