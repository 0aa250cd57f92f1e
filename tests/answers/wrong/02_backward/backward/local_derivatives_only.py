"""The gradient of a child is the local derivative that was stored for it.

caught by: test_the_chain_rule_along_one_path
reads: the local derivatives alone
"""


def backward(root):
    order = topological_order(root)
    for node in order:
        if node._children:
            node.grad = 0.0
    root.grad = 1.0
    for node in reversed(order):
        for child, local_grad in zip(node._children, node._local_grads):
            child.grad += local_grad
