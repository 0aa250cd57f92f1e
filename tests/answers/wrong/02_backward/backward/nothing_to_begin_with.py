"""The gradients follow from each other, so none has to be set.

caught by: test_a_root_without_children, test_the_chain_rule_along_one_path
reads: what is d(root)/d(root)
"""


def backward(root):
    order = topological_order(root)
    for node in order:
        if node._children:
            node.grad = 0.0
    for node in reversed(order):
        for child, local_grad in zip(node._children, node._local_grads):
            child.grad += local_grad * node.grad
