"""The slope of ln a is a.

caught by: test_log
reads: not upside down
"""

import math


class Value:
    def log(self):
        return Value(math.log(self.data), (self,), (self.data,))
