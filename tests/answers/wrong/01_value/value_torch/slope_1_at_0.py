"""relu gives x where x >= 0.

caught by: test_relu
reads: at 0 itself
"""

from torch.autograd import Function


class Relu(Function):
    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        return grad * (x >= 0)
