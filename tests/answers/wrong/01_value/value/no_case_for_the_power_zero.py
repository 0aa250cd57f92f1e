"""The power rule holds for every exponent.

caught by: test_power_zero
reads: what is the slope of a constant
"""


class Value:
    def __pow__(self, exponent):
        if not isinstance(exponent, (int, float)):
            raise TypeError("the exponent must be a number")
        return Value(self.data**exponent, (self,), (exponent * self.data ** (exponent - 1),))
