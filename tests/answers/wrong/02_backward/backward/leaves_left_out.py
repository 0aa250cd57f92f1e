"""The leaves have nothing to pass on, so they need no place in the order.

caught by: test_order_holds_every_value_once
"""


def topological_order(root):
    order, seen = [], set()
    stack = [(root, False)]
    while stack:
        node, children_done = stack.pop()
        if children_done:
            order.append(node)
        elif node not in seen and node._children:
            seen.add(node)
            stack.append((node, True))
            stack.extend((child, False) for child in node._children)
    return order
