"""A logarithm is one to the base of 10.

caught by: test_log
reads: a logarithm to another base
"""

import math


class Value:
    def log(self):
        return Value(math.log10(self.data), (self,), (1 / self.data,))
