"""clamp_ saves a copy.

caught by: test_nothing_else_is_changed
reads: the operand after Relu
"""

from torch.autograd import Function


class Relu(Function):
    @staticmethod
    def forward(ctx, x):
        x = x.detach()
        ctx.save_for_backward(x > 0)
        x.clamp_(min=0)
        return x.clone()

    @staticmethod
    def backward(ctx, grad):
        (positive,) = ctx.saved_tensors
        return grad * positive
