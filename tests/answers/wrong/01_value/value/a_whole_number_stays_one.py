"""A number is a number, so it is kept as it comes.

caught by: test_a_new_value_holds_a_float
reads: store it as a float
"""


class Value:
    def __init__(self, data, children=(), local_grads=()):
        self.data = data
        self.grad = 0.0
        self._children = tuple(children)
        self._local_grads = tuple(local_grads)
