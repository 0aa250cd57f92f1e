"""+= adds a gradient to the one that is there.

caught by: test_gradients_add_up
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
                if grads[child][i] is None:
                    grads[child][i] = grad
                else:
                    grads[child][i] += grad
