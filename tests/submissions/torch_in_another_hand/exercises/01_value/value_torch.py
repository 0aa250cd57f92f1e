# Every slope is a tensor that forward saves: backward only multiplies it with what arrives.
import torch
from torch.autograd import Function


class Slopes(Function):
    """backward for all operations below: the arriving gradient times each saved slope."""

    @staticmethod
    def backward(ctx, arriving):
        return tuple(None if slope is None else arriving * slope for slope in ctx.saved_tensors)


class Add(Slopes):
    @staticmethod
    def forward(ctx, a, b):
        ctx.save_for_backward(torch.ones_like(a), torch.ones_like(b))
        return torch.add(a, b)


class Mul(Slopes):
    @staticmethod
    def forward(ctx, a, b):
        ctx.save_for_backward(b, a)
        return torch.mul(a, b)


class Pow(Slopes):
    @staticmethod
    def forward(ctx, x, n):
        if type(n) not in (int, float):
            raise TypeError("the exponent is a " + type(n).__name__)
        slope = torch.full_like(x, 0) if n == 0 else torch.pow(x, n - 1) * n
        ctx.save_for_backward(slope, None)
        return torch.pow(x, n)


class Log(Slopes):
    @staticmethod
    def forward(ctx, x):
        if not bool(torch.all(x > 0)):
            raise ValueError("only positive numbers have a logarithm")
        ctx.save_for_backward(1 / x)
        return torch.log(x)


class Exp(Slopes):
    @staticmethod
    def forward(ctx, x):
        y = torch.exp(x)
        ctx.save_for_backward(y)
        return y


class Relu(Slopes):
    @staticmethod
    def forward(ctx, x):
        above = torch.heaviside(x, torch.zeros((), dtype=x.dtype))
        ctx.save_for_backward(above)
        return torch.clamp(x, min=0)
