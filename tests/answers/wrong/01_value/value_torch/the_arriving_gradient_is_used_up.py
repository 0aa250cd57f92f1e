"""The gradient that arrives is no longer needed.

caught by: test_nothing_else_is_changed
reads: the gradient that arrived at Exp
"""

from torch.autograd import Function


class Exp(Function):
    @staticmethod
    def backward(ctx, grad):
        (result,) = ctx.saved_tensors
        return grad.mul_(result)
