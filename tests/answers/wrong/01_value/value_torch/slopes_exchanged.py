"""The slope of a factor is that factor.

caught by: test_multiplication
reads: for a factor is the other factor
"""

from torch.autograd import Function


class Mul(Function):
    @staticmethod
    def backward(ctx, grad):
        a, b = ctx.saved_tensors
        return grad * a, grad * b
