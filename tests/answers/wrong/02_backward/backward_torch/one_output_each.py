"""A node has one output, so it has one gradient.

caught by: test_nodes_of_several_outputs
reads: which output of its node
"""


def backward(root):
    order = topological_order(root)
    grads = {root.grad_fn: torch.ones_like(root)}
    for node in reversed(order):
        if not node.next_functions:
            accumulate(node.variable, grads.get(node))
            continue
        arrived = [grads.get(node)] + [None] * (len(node._input_metadata) - 1)
        for (child, _), grad in zip(node.next_functions, run_node(node, arrived)):
            if grad is not None:
                grads[child] = grad if child not in grads else grads[child] + grad
