"""The slope of e^x is made of x, which was saved.

caught by: test_exp
reads: that is x
"""

from torch.autograd import Function


class Exp(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.exp()

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        return grad * x
