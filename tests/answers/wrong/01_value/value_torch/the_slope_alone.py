"""backward returns the derivative.

caught by: test_exp
reads: the slope alone
"""

from torch.autograd import Function


class Exp(Function):
    @staticmethod
    def backward(ctx, grad):
        (result,) = ctx.saved_tensors
        return result
