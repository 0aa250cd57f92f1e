"""At 0 relu is about to rise, so its slope there is 1.

caught by: test_relu
reads: at 0 itself the slope is 0
"""


class Value:
    def relu(self):
        return Value(max(0.0, self.data), (self,), (float(self.data >= 0),))
