"""A graph is walked by a function that calls itself for the children.

caught by: test_a_chain_of_100000
reads: a loop with a list of its own has no such limit
"""


def topological_order(root):
    order, seen = [], set()

    def visit(node):
        if node not in seen:
            seen.add(node)
            for child in node._children:
                visit(child)
            order.append(node)

    visit(root)
    return order
