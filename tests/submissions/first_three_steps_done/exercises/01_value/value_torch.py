"""Step 01 on tensors: the same six operations, each a `torch.autograd.Function`."""

import torch
from torch.autograd import Function


class Add(Function):
    @staticmethod
    def forward(ctx, a, b):
        return a + b

    @staticmethod
    def backward(ctx, grad):
        return grad, grad


class Mul(Function):
    @staticmethod
    def forward(ctx, a, b):
        ctx.save_for_backward(a, b)
        return a * b

    @staticmethod
    def backward(ctx, grad):
        a, b = ctx.saved_tensors
        return grad * b, grad * a


class Pow(Function):
    @staticmethod
    def forward(ctx, x, n):
        if not isinstance(n, (int, float)):
            raise TypeError("n has to be a number")
        ctx.save_for_backward(x)
        ctx.n = n
        return torch.pow(x, n)

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        if ctx.n == 0:
            return grad * 0, None
        return grad * ctx.n * torch.pow(x, ctx.n - 1), None


class Log(Function):
    @staticmethod
    def forward(ctx, x):
        if not torch.all(x > 0):
            raise ValueError("log wants positive numbers")
        ctx.save_for_backward(x)
        return torch.log(x)

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        return grad / x


class Exp(Function):
    @staticmethod
    def forward(ctx, x):
        y = torch.exp(x)
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, grad):
        (y,) = ctx.saved_tensors
        return grad * y


class Relu(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.relu(x)

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        return torch.where(x > 0, grad, torch.zeros_like(grad))
