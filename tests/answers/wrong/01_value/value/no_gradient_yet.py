"""Before backward there is no gradient, which is None.

caught by: test_a_new_value_holds_a_float
reads: Value(3).grad is None; a number belongs there
"""


class Value:
    def __init__(self, data, children=(), local_grads=()):
        self.data = float(data)
        self.grad = None
        self._children = tuple(children)
        self._local_grads = tuple(local_grads)
