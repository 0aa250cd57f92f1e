"""In a product, each operand's slope is the number that it holds.

caught by: test_multiplication
reads: got its own number
"""


class Value:
    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data * other.data, (self, other), (self.data, other.data))
