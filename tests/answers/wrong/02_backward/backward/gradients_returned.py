"""A function gives back what it has computed.

caught by: test_a_root_without_children
reads: returns nothing
"""


def backward(root):
    order = topological_order(root)
    for node in order:
        if node._children:
            node.grad = 0.0
    root.grad = 1.0
    for node in reversed(order):
        for child, local_grad in zip(node._children, node._local_grads):
            child.grad += local_grad * node.grad
    return [node.grad for node in order]
