"""An assert refuses what is no number.

caught by: test_exponent_must_be_a_number
reads: must raise TypeError; it raised AssertionError
"""


class Value:
    def __pow__(self, exponent):
        assert isinstance(exponent, (int, float)), "the exponent must be a number"
        slope = exponent * self.data ** (exponent - 1) if exponent != 0 else 0.0
        return Value(self.data**exponent, (self,), (slope,))
