"""Two Values that hold the same number are equal.

caught by: test_two_values_of_equal_data_are_different
reads: leave == as Python gives it
"""


class Value:
    def __eq__(self, other):
        return isinstance(other, Value) and self.data == other.data

    def __hash__(self):
        return hash(self.data)
