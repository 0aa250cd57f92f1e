# Arrays in, arrays out. Slopes are computed in forward where they are cheap, in backward otherwise.
import numbers

import torch
from torch.autograd import Function


class Add(Function):
    """a + b"""

    @staticmethod
    def forward(ctx, a, b):
        return torch.stack((a, b)).sum(0)

    @staticmethod
    def backward(ctx, grad):
        return 1.0 * grad, 1.0 * grad


class Mul(Function):
    """a * b"""

    @staticmethod
    def forward(ctx, a, b):
        ctx.save_for_backward(torch.stack((b, a)))  # the two slopes, as one array
        return torch.einsum("...,...->...", a, b)

    @staticmethod
    def backward(ctx, grad):
        (slopes,) = ctx.saved_tensors
        da, db = slopes * grad[None]
        return da, db


class Pow(Function):
    """x ** n"""

    @staticmethod
    def forward(ctx, x, n):
        if not isinstance(n, numbers.Real):
            raise TypeError(f"n is {n!r}")
        ctx.save_for_backward(n * x ** (n - 1) if n else 0.0 * x.abs().clamp(max=1))
        return torch.pow(x, n)

    @staticmethod
    def backward(ctx, grad):
        return grad * ctx.saved_tensors[0], None


class Log(Function):
    """ln x"""

    @staticmethod
    def forward(ctx, x):
        if not torch.all(x > 0):
            raise ValueError(f"{(x <= 0).sum()} of {x.numel()} elements are not positive")
        ctx.save_for_backward(x)
        return torch.log2(x) * 0.6931471805599453  # ln 2

    @staticmethod
    def backward(ctx, grad):
        return grad * ctx.saved_tensors[0].reciprocal()


class Exp(Function):
    """e ** x"""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.exp(x)

    @staticmethod
    def backward(ctx, grad):
        return torch.exp(ctx.saved_tensors[0]) * grad  # once more, instead of keeping the result


class Relu(Function):
    """max(0, x)"""

    @staticmethod
    def forward(ctx, x):
        y = x * (x > 0)
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, grad):
        return torch.where(ctx.saved_tensors[0] > 0, grad, 0)
