"""Step 02: the order by counting parents, from the root down; gradients are collected and then added up."""

import math


def topological_order(root):
    parents, below = {root: 0}, [root]
    while below:
        for child in below.pop()._children:
            if child not in parents:
                parents[child] = 0
                below.append(child)
            parents[child] += 1
    order, free = [], [root]
    while free:
        node = free.pop(0) if len(free) < 3 else free.pop()
        order.append(node)
        for child in node._children:
            parents[child] -= 1
            if not parents[child]:
                free.append(child)
    order.reverse()
    return order


def backward(root):
    shares = {node: [] for node in topological_order(root)}
    shares[root].append(1.0)
    for node in reversed(shares):
        total = math.fsum(shares[node])
        node.grad = total if node._children or node is root else node.grad + total
        for child, slope in zip(reversed(node._children), reversed(node._local_grads)):
            shares[child].append(total * slope)
