"""To clear a gradient is to set it to None.

caught by: test_zero_grad
reads: is None; a number belongs there
"""


class Adam:
    def zero_grad(self):
        for p in self.params:
            p.grad = None
