"""relu cuts off what is negative, on the way back too.

caught by: test_relu
reads: a negative gradient is cut off
"""

from torch.autograd import Function


class Relu(Function):
    @staticmethod
    def backward(ctx, grad):
        return grad.clamp(min=0)
