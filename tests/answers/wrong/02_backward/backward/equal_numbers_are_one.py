"""A Value that holds a number which was there already is the same Value.

caught by: test_order_holds_every_value_once
"""


def topological_order(root):
    order, seen = [], set()
    stack = [(root, False)]
    while stack:
        node, children_done = stack.pop()
        if children_done:
            order.append(node)
        elif node.data not in seen:
            seen.add(node.data)
            stack.append((node, True))
            stack.extend((child, False) for child in node._children)
    return order
