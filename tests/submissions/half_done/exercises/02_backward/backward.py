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
    order = []
    state = {}  # Value -> "open" while its children are being visited, then "done"
    todo = [root]
    while todo:
        v = todo[-1]
        if v not in state:
            state[v] = "open"
            todo += [c for c in v._children if c not in state]
        else:
            todo.pop()
            if state[v] == "open":
                state[v] = "done"
                order.append(v)
    return order


def backward(root: Value) -> None:
    """Add d(root)/d(leaf) to the `grad` of every leaf that `root` depends on.

    The interior nodes are reset first and `root.grad` is set to 1. Leaves (Values without children) accumulate: a
    second call adds the same gradient again, and only `zero_grad` (step 09) clears them.
    """
    raise NotImplementedError("02_backward: write backward() in backward.py")
