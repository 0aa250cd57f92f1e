"""A product has one slope, that of its first factor.

caught by: test_multiplication
reads: both factors
"""

from torch.autograd import Function


class Mul(Function):
    @staticmethod
    def backward(ctx, grad):
        _, b = ctx.saved_tensors
        return grad * b, None
