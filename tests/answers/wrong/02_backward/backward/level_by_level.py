"""What is nearer to the root comes later, so the levels are turned round.

caught by: test_children_come_before_parents
reads: a Value comes before one of its children
"""


def topological_order(root):
    order, seen = [root], {root}
    for node in order:
        for child in node._children:
            if child not in seen:
                seen.add(child)
                order.append(child)
    return order[::-1]
