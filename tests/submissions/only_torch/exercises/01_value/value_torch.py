"""Step 01 in torch. forward() without ctx and a separate setup_context(), as the newer torch documentation has it."""

import torch


class Add(torch.autograd.Function):
    @staticmethod
    def forward(a, b):
        return a + b

    @staticmethod
    def setup_context(ctx, inputs, output):
        pass

    @staticmethod
    def backward(ctx, g):
        return g.clone(), g.clone()


class Mul(torch.autograd.Function):
    @staticmethod
    def forward(a, b):
        return a * b

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx, g):
        a, b = ctx.saved_tensors
        da = g * b if ctx.needs_input_grad[0] else None
        db = g * a if ctx.needs_input_grad[1] else None
        return da, db


class Pow(torch.autograd.Function):
    @staticmethod
    def forward(x, n):
        if isinstance(n, bool) or not isinstance(n, (float, int)):
            raise TypeError(f"exponent {n!r}")
        return x**n

    @staticmethod
    def setup_context(ctx, inputs, output):
        x, ctx.n = inputs
        ctx.save_for_backward(x)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        if ctx.n == 0:
            return torch.zeros_like(g), None
        return ctx.n * x ** (ctx.n - 1) * g, None


class Log(torch.autograd.Function):
    @staticmethod
    def forward(x):
        if x.numel() and x.min() <= 0:
            raise ValueError("log")
        return x.log()

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(inputs[0])

    @staticmethod
    def backward(ctx, g):
        return g * ctx.saved_tensors[0].reciprocal()


class Exp(torch.autograd.Function):
    @staticmethod
    def forward(x):
        return x.exp()

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(output)

    @staticmethod
    def backward(ctx, g):
        return g * ctx.saved_tensors[0]


class Relu(torch.autograd.Function):
    @staticmethod
    def forward(x):
        return x * (x > 0)

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.mask = inputs[0] > 0

    @staticmethod
    def backward(ctx, g):
        return g.masked_fill(~ctx.mask, 0)
