"""The slope is 1, so the gradient goes on as it is.

caught by: test_addition
reads: incorrect number of gradients
"""

from torch.autograd import Function


class Add(Function):
    @staticmethod
    def backward(ctx, grad):
        return grad
