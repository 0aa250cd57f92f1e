"""Level by level from the root, then turned round: what is further away comes first.

caught by: test_order_is_topological
reads: stands before its child
"""


def topological_order(root):
    order = [root.grad_fn] if root.grad_fn else []
    for node in order:  # grows while it is walked
        for child, _ in node.next_functions:
            if child is not None and child not in order:
                order.append(child)
    return order[::-1]
