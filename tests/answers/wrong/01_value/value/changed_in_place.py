"""The left operand takes the sum in, and is the result.

caught by: test_addition
reads: a + b must be a new Value
"""


class Value:
    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        self.data += other.data
        self._children, self._local_grads = (self, other), (1.0, 1.0)
        return self
