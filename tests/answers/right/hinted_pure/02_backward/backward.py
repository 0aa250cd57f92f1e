"""Step 02, written along the hints."""


def topological_order(root):
    order, seen = [], set()
    waiting = [(root, "visit")]
    while waiting:
        here, what = waiting.pop()
        if what == "done":
            order.append(here)
        elif here not in seen:
            seen.add(here)
            waiting.append((here, "done"))
            for child in here._children:
                waiting.append((child, "visit"))
    return order


def backward(root):
    nodes = topological_order(root)
    for node in nodes:
        if node._children:
            node.grad = 0.0
    root.grad = 1.0
    while nodes:
        node = nodes.pop()
        for child, slope in zip(node._children, node._local_grads):
            child.grad += slope * node.grad
