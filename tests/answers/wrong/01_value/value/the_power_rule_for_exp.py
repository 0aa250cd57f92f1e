"""e^a is a power, so its slope is a e^(a-1).

caught by: test_exp
reads: the power rule is for
"""

import math


class Value:
    def exp(self):
        return Value(math.exp(self.data), (self,), (self.data * math.exp(self.data - 1),))
