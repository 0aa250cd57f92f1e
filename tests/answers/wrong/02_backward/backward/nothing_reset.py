"""Gradients accumulate, those of all Values.

caught by: test_interior_values_are_reset, test_leaves_accumulate
reads: starts each call at 0
"""


def backward(root):
    order = topological_order(root)
    root.grad = 1.0
    for node in reversed(order):
        for child, local_grad in zip(node._children, node._local_grads):
            child.grad += local_grad * node.grad
