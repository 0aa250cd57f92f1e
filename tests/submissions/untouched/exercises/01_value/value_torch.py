"""Step 01 on tensors: the same six operations, each a `torch.autograd.Function`.

An operation `y = f(x)` acts on every element by itself. `forward` computes y and keeps what its derivative needs;
`backward` receives dL/dy, of y's shape, and returns dL/dx, of x's shape. By the chain rule, element by element:

    dL/dx = dL/dy * f'(x)

`ctx` carries tensors from one to the other: `ctx.save_for_backward(a, b)` there, `a, b = ctx.saved_tensors` here.
Neither method may change a tensor that it was given.
"""

from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function


class Add(Function):
    """a + b:  d/da = 1,  d/db = 1."""

    @staticmethod
    def forward(ctx: Any, a: Tensor, b: Tensor) -> Tensor:
        """a and b have one shape; so has the sum."""
        raise NotImplementedError("01_value: write Add.forward() in value_torch.py")

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor]:
        """dL/d(sum) -> dL/da, dL/db."""
        raise NotImplementedError("01_value: write Add.backward() in value_torch.py")


class Mul(Function):
    """a * b, element by element:  d/da = b,  d/db = a."""

    @staticmethod
    def forward(ctx: Any, a: Tensor, b: Tensor) -> Tensor:
        """a and b have one shape; so has the product."""
        raise NotImplementedError("01_value: write Mul.forward() in value_torch.py")

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor]:
        """dL/d(product) -> dL/da, dL/db."""
        raise NotImplementedError("01_value: write Mul.backward() in value_torch.py")


class Pow(Function):
    """x ** n:  d/dx = n x^(n-1), and x ** 0 is 1 with slope 0."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, n: float) -> Tensor:
        """`n` is a plain number. TypeError: it is anything else (a tensor, a string)."""
        raise NotImplementedError("01_value: write Pow.forward() in value_torch.py")

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None]:
        """dL/d(power) -> dL/dx, and None for `n`, which is no tensor."""
        raise NotImplementedError("01_value: write Pow.backward() in value_torch.py")


class Log(Function):
    """ln x:  d/dx = 1/x."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        """ValueError: any element of x is <= 0."""
        raise NotImplementedError("01_value: write Log.forward() in value_torch.py")

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        """dL/d(log) -> dL/dx."""
        raise NotImplementedError("01_value: write Log.backward() in value_torch.py")


class Exp(Function):
    """e^x:  d/dx = e^x, which is the result itself."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        """e to the power of every element of x."""
        raise NotImplementedError("01_value: write Exp.forward() in value_torch.py")

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        """dL/d(exp) -> dL/dx."""
        raise NotImplementedError("01_value: write Exp.backward() in value_torch.py")


class Relu(Function):
    """max(0, x):  d/dx = 1 where x > 0, else 0 (also at 0, where the slope is a convention)."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        """Every negative element of x becomes 0."""
        raise NotImplementedError("01_value: write Relu.forward() in value_torch.py")

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        """dL/d(relu) -> dL/dx."""
        raise NotImplementedError("01_value: write Relu.backward() in value_torch.py")
