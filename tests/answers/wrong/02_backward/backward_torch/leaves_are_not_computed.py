"""A leaf was not computed, so it has no node.

caught by: test_order_is_topological
"""


def topological_order(root):
    order, seen = [], set()
    stack = [(root.grad_fn, False)]
    while stack:
        node, done = stack.pop()
        if done:
            order.append(node)
        elif node is not None and node.next_functions and node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack.extend((child, False) for child, _ in node.next_functions)
    return order
