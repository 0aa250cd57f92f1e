"""Step 02: parents are younger than their children, so sorting by birth is a topological order.

Needs the extra attribute `birth` of my Value.
"""


def reachable(root):
    found, todo = {id(root): root}, [root]
    while todo:
        for child in todo.pop()._children:
            if id(child) not in found:
                found[id(child)] = child
                todo.append(child)
    return list(found.values())


def topological_order(root):
    return sorted(reachable(root), key=lambda v: v.birth)


def backward(root):
    order = topological_order(root)
    grads = dict.fromkeys(map(id, order), 0)
    grads[id(root)] = 1
    for v in reversed(order):
        for child, slope in zip(v._children, v._local_grads):
            grads[id(child)] += slope * grads[id(v)]
    for v in order:
        if v._children or v is root:
            v.grad = grads[id(v)]
        else:
            v.grad += grads[id(v)]
