from value import Value


class Walk:
    """A depth-first walk that remembers where it is, instead of calling itself."""

    def __init__(self, root):
        self.root = root
        self.order = []
        self.seen = set()

    def run(self):
        trail = [self.enter(self.root)]
        while trail:
            node, rest = trail[-1]
            child = next((c for c in rest if c not in self.seen), None)
            if child is None:
                self.order.append(node)
                trail.pop()
            else:
                trail.append(self.enter(child))
        return self.order

    def enter(self, node):
        self.seen.add(node)
        return node, iter(node._children)


def topological_order(root: Value) -> list[Value]:
    return Walk(root).run()


def backward(root: Value) -> None:
    order = topological_order(root)
    interior = [v for v in order if v._children]
    for v in interior:
        v.grad = 0.0
    root.grad = 1.0
    while interior:
        v = interior.pop()
        for child, slope in zip(v._children, v._local_grads):
            child.grad += v.grad * slope
