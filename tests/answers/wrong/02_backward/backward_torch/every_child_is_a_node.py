"""Whatever run_node returns goes to the child beside it.

caught by: test_inputs_without_gradient
reads: is None where no gradient is needed
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
            grads[child][i] = grad if grads[child][i] is None else grads[child][i] + grad
