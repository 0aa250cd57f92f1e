from value import Value


def topological_order(root: Value) -> list[Value]:
    # depth first, parents first, then turned round: a node is emitted once all its parents are
    uses = {}
    todo, seen = [root], {root}
    while todo:
        v = todo.pop()
        for c in v._children:
            uses[c] = uses.get(c, 0) + 1
            if c not in seen:
                seen.add(c)
                todo.append(c)
    order, ready = [], [root]
    while ready:
        v = ready.pop()
        order.append(v)
        for c in v._children:
            uses[c] -= 1
            if uses[c] == 0:
                ready.append(c)
    order.reverse()
    return order


def backward(root: Value) -> None:
    order = topological_order(root)
    for v in order:
        if len(v._children) > 0:
            v.grad = 0.0
    root.grad = 1.0
    for v in order[::-1]:
        for c, g in zip(v._children, v._local_grads, strict=True):
            c.grad = c.grad + g * v.grad
