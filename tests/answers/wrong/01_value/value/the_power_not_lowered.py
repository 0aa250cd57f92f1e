"""The exponent comes down as a factor, and stays above too.

caught by: test_power
reads: the exponent is not lowered
"""


class Value:
    def __pow__(self, exponent):
        if not isinstance(exponent, (int, float)):
            raise TypeError("the exponent must be a number")
        return Value(self.data**exponent, (self,), (exponent * self.data**exponent,))
