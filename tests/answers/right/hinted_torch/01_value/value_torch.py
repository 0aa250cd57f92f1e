"""Step 01 on tensors, written along the hints."""

import torch
from torch.autograd import Function


class Add(Function):
    @staticmethod
    def forward(ctx, a, b):
        total = a + b
        return total

    @staticmethod
    def backward(ctx, grad):
        for_a = grad
        for_b = grad
        return for_a, for_b


class Mul(Function):
    @staticmethod
    def forward(ctx, a, b):
        ctx.save_for_backward(a, b)
        product = a * b
        return product

    @staticmethod
    def backward(ctx, grad):
        a, b = ctx.saved_tensors
        for_a = grad * b
        for_b = grad * a
        return for_a, for_b


class Pow(Function):
    @staticmethod
    def forward(ctx, x, n):
        if type(n) not in (int, float):
            raise TypeError("only numbers can be exponents")
        ctx.n = n
        ctx.save_for_backward(x)
        return x**n

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        if ctx.n == 0:
            return torch.zeros_like(x), None
        return grad * (ctx.n * x ** (ctx.n - 1)), None


class Log(Function):
    @staticmethod
    def forward(ctx, x):
        if torch.any(x <= 0):
            raise ValueError("there is no logarithm of that")
        ctx.save_for_backward(x)
        return torch.log(x)

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        slope = 1 / x
        return grad * slope


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
        return torch.where(x > 0, x, torch.zeros_like(x))

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        passes = x > 0
        return torch.where(passes, grad, torch.zeros_like(grad))
