"""A depth-first walk finds parents first, so its list is turned round.

caught by: test_children_come_before_parents
reads: a Value comes before one of its children
"""


def topological_order(root):
    order, seen, stack = [], set(), [root]
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            order.append(node)
            stack.extend(node._children)
    return order[::-1]
