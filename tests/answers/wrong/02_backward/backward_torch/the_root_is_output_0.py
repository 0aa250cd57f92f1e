"""The root is what its node has put out.

caught by: test_nodes_of_several_outputs
reads: which output of its node
"""


def backward(root):
    order = topological_order(root)
    grads = {node: [None] * len(node._input_metadata) for node in order}
    if order:
        grads[root.grad_fn][0] = torch.ones_like(root)
    for node in reversed(order):
        if not node.next_functions:
            accumulate(node.variable, *grads[node])
            continue
        for (child, i), grad in zip(node.next_functions, run_node(node, grads[node])):
            if grad is not None:
                grads[child][i] = grad if grads[child][i] is None else grads[child][i] + grad
