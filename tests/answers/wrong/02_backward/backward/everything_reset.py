"""Every backward begins with gradients of 0.

caught by: test_leaves_accumulate
reads: what a leaf held before is gone
"""


def backward(root):
    order = topological_order(root)
    for node in order:
        node.grad = 0.0
    root.grad = 1.0
    for node in reversed(order):
        for child, local_grad in zip(node._children, node._local_grads):
            child.grad += local_grad * node.grad
