"""n x^(n-1) holds for every n.

caught by: test_power_zero
reads: 0 times infinity
"""

from torch.autograd import Function


class Pow(Function):
    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        return grad * ctx.n * x ** (ctx.n - 1), None
