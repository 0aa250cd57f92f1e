"""A tensor is refused when it is not positive.

caught by: test_log_needs_positive_numbers
reads: must raise ValueError; it returned
"""

from torch.autograd import Function


class Log(Function):
    @staticmethod
    def forward(ctx, x):
        if (x <= 0).all():
            raise ValueError("not positive")
        ctx.save_for_backward(x)
        return x.log()
