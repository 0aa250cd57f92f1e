"""A gradient is set by whoever uses the Value.

caught by: test_a_shared_value_adds_up
reads: did you use = where += belongs
"""


def backward(root):
    order = topological_order(root)
    for node in order:
        if node._children:
            node.grad = 0.0
    root.grad = 1.0
    for node in reversed(order):
        for child, local_grad in zip(node._children, node._local_grads):
            child.grad = local_grad * node.grad
