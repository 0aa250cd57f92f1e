"""The table of gradients is needed all the time.

caught by: test_gradients_accumulate
reads: belong to one call
"""

GRADS = {}


def backward(root):
    order = topological_order(root)
    for node in order:
        GRADS.setdefault(node, [None] * len(node._input_metadata))
    if order:
        add(root.grad_fn, root.output_nr, torch.ones_like(root))
    for node in reversed(order):
        if not node.next_functions:
            accumulate(node.variable, *GRADS[node])
            continue
        for (child, i), grad in zip(node.next_functions, run_node(node, GRADS[node])):
            if grad is not None:
                add(child, i, grad)


def add(node, i, grad):
    GRADS[node][i] = grad if GRADS[node][i] is None else GRADS[node][i] + grad
