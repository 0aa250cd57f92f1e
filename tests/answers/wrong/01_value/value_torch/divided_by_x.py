"""n x^(n-1) is n x^n / x.

caught by: test_power
reads: divide by x
"""

from torch.autograd import Function


class Pow(Function):
    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        return grad * ctx.n * x**ctx.n / x, None
