"""The walk down begins with the root, so that is the first gradient.

caught by: test_gradients_along_one_path
reads: by itself is 1
"""


def backward(root):
    order = topological_order(root)
    grads = {node: [None] * len(node._input_metadata) for node in order}
    if order:
        grads[root.grad_fn][root.output_nr] = root.detach()
    for node in reversed(order):
        if not node.next_functions:
            accumulate(node.variable, *grads[node])
            continue
        for (child, i), grad in zip(node.next_functions, run_node(node, grads[node])):
            if grad is not None:
                grads[child][i] = grad if grads[child][i] is None else grads[child][i] + grad
