"""Each node hands its gradients to its children, who keep them.

caught by: test_gradients_add_up
reads: of one use only
"""


def backward(root):
    order = topological_order(root)
    grads = {node: [None] * len(node._input_metadata) for node in order}
    if order:
        grads[root.grad_fn][root.output_nr] = torch.ones_like(root)
    for node in reversed(order):
        if not node.next_functions:
            accumulate(node.variable, *grads[node])
            continue
        for (child, i), grad in zip(node.next_functions, run_node(node, grads[node])):
            if grad is not None:
                grads[child][i] = grad
