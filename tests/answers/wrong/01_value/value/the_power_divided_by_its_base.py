"""n a^(n-1) is n a^n / a, and a^n is there already.

caught by: test_power
reads: without dividing by a
"""


class Value:
    def __pow__(self, exponent):
        if not isinstance(exponent, (int, float)):
            raise TypeError("the exponent must be a number")
        result = self.data**exponent
        return Value(result, (self,), (exponent * result / self.data,))
