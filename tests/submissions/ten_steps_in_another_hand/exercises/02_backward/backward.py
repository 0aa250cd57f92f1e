"""From the root downwards, after Kahn: a Value is taken when all that was made from it has been taken."""

from collections import deque


def topological_order(root):
    parents_left = {root: 0}
    found = [root]
    for node in found:  # grows while it is walked
        for child in node._children:
            if child not in parents_left:
                parents_left[child] = 0
                found.append(child)
            parents_left[child] += 1

    order = deque()
    free = [root]
    while free:
        node = free.pop()
        order.appendleft(node)
        for child in node._children:
            parents_left[child] -= 1
            if parents_left[child] == 0:
                free.append(child)
    return list(order)


def backward(root):
    nodes = topological_order(root)
    for node in filter(lambda v: v._children, nodes):
        node.grad = 0.0
    root.grad = 1.0
    while nodes:
        node = nodes.pop()
        for child, slope in zip(node._children, node._local_grads):
            child.grad = child.grad + node.grad * slope
