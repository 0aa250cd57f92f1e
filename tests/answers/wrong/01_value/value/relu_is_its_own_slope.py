"""relu is its own slope, as exp is.

caught by: test_relu
reads: how much does the result grow
"""


class Value:
    def relu(self):
        result = max(0.0, self.data)
        return Value(result, (self,), (result,))
