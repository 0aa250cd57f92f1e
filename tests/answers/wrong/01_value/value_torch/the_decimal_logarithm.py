"""log is the logarithm to base 10.

caught by: test_log
reads: the natural logarithm
"""

from torch.autograd import Function


class Log(Function):
    @staticmethod
    def forward(ctx, x):
        if (x <= 0).any():
            raise ValueError("not positive")
        ctx.save_for_backward(x)
        return x.log10()
