"""The exponent gets no gradient.

caught by: test_power
reads: incorrect number of gradients
"""

from torch.autograd import Function


class Pow(Function):
    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        slope = ctx.n * x ** (ctx.n - 1) if ctx.n else x * 0
        return grad * slope
