def topological_order(root):
    order, done, stack = [], set(), [root]
    while stack:
        v = stack[-1]
        missing = [c for c in v._children if c not in done]
        if missing:
            stack.extend(missing)
            continue
        stack.pop()
        if v not in done:
            done.add(v)
            order.append(v)
    return order


def backward(root):
    order = topological_order(root)
    for v in order:
        v.grad = v.grad if not v._children else 0
    root.grad = 1
    for v in reversed(order):
        for c, g in zip(v._children, v._local_grads):
            c.grad += g * v.grad
