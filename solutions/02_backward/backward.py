"""Step 02: the chain rule over a whole graph.

Let L be the root. By the chain rule the gradient of a node is the sum over everything that was made from it:

    dL/dnode = sum over parents p of  dL/dp * dp/dnode

All parents must be finished before the node is used, so the nodes are put in topological order (children before
parents) and walked from the root backwards.
"""

from value import Value


def topological_order(root: Value) -> list[Value]:
    """Every Value that `root` depends on, once, children before parents, `root` last.

    Linear in nodes plus edges, and without recursion: a chain of 100,000 operations is deeper than Python's stack.
    """
    ### BEGIN SOLUTION
    order: list[Value] = []
    seen: set[Value] = set()
    stack = [(root, False)]
    while stack:
        node, children_done = stack.pop()
        if children_done:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))  # comes up again once everything above it on the stack is done
            stack.extend((child, False) for child in node._children)
    return order
    ### END SOLUTION


def backward(root: Value) -> None:
    """Add d(root)/d(leaf) to the `grad` of every leaf that `root` depends on.

    The interior nodes are reset first and `root.grad` is set to 1. Leaves (Values without children) accumulate: a
    second call adds the same gradient again, and only `zero_grad` (step 09) clears them.
    """
    ### BEGIN SOLUTION
    order = topological_order(root)
    for node in order:
        if node._children:
            node.grad = 0.0
    root.grad = 1.0
    for node in reversed(order):
        for child, local_grad in zip(node._children, node._local_grads):
            child.grad += local_grad * node.grad
    ### END SOLUTION
