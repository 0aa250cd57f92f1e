"""A graph is walked by a function that calls itself.

caught by: test_a_long_chain
reads: calls itself too deeply
"""


def topological_order(root):
    order = []
    seen = set()

    def visit(node):
        if node is None or node in seen:
            return
        seen.add(node)
        for child, _ in node.next_functions:
            visit(child)
        order.append(node)

    visit(root.grad_fn)
    return order
