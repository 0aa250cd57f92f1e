"""What stands in next_functions is a node.

caught by: test_order_is_topological
reads: leave it out
"""


def topological_order(root):
    order, seen = [], set()
    stack = [(root.grad_fn, False)] if root.grad_fn else []
    while stack:
        node, done = stack.pop()
        if done:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            if node is not None:
                stack.extend((child, False) for child, _ in node.next_functions)
    return order
