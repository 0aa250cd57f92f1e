"""Six operations. What they have in common stands in two base classes, what is particular in two class methods each."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

import torch
from torch import Tensor
from torch.autograd import Function


class Operation(Function):
    """f(operands), with one slope per operand."""

    symbol: ClassVar[str] = "?"
    arity: ClassVar[int] = 1

    @classmethod
    @abstractmethod
    def compute(cls, *operands: Tensor) -> Tensor: ...

    @classmethod
    @abstractmethod
    def slopes(cls, *operands: Tensor) -> tuple[Tensor, ...]: ...

    @classmethod
    def forward(cls, ctx: Any, *operands: Tensor) -> Tensor:
        if len(operands) != cls.arity:
            raise TypeError(f"{cls.symbol} takes {cls.arity} operands, not {len(operands)}")
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(*operands)
        return cls.compute(*operands)

    @classmethod
    def backward(cls, ctx: Any, grad: Tensor | None) -> Any:
        if grad is None:
            return (None,) * cls.arity
        return tuple(
            grad * slope if needed else None
            for slope, needed in zip(cls.slopes(*ctx.saved_tensors), ctx.needs_input_grad)
        )


class Add(Operation):
    symbol, arity = "+", 2

    @classmethod
    def compute(cls, a: Tensor, b: Tensor) -> Tensor:
        return a.add(b)

    @classmethod
    def slopes(cls, a: Tensor, b: Tensor) -> tuple[Tensor, ...]:
        return torch.ones_like(a), torch.ones_like(b)


class Mul(Operation):
    symbol, arity = "*", 2

    @classmethod
    def compute(cls, a: Tensor, b: Tensor) -> Tensor:
        return a.mul(b)

    @classmethod
    def slopes(cls, a: Tensor, b: Tensor) -> tuple[Tensor, ...]:
        return b, a


class Log(Operation):
    symbol = "log"

    @classmethod
    def compute(cls, x: Tensor) -> Tensor:
        if x.le(0).any():
            raise ValueError("the logarithm exists for positive numbers only")
        return x.log()

    @classmethod
    def slopes(cls, x: Tensor) -> tuple[Tensor, ...]:
        return (x**-1,)


class Exp(Operation):
    symbol = "exp"

    @classmethod
    def compute(cls, x: Tensor) -> Tensor:
        return x.exp()

    @classmethod
    def slopes(cls, x: Tensor) -> tuple[Tensor, ...]:
        return (cls.compute(x),)


class Relu(Operation):
    symbol = "relu"

    @classmethod
    def compute(cls, x: Tensor) -> Tensor:
        return x.relu()

    @classmethod
    def slopes(cls, x: Tensor) -> tuple[Tensor, ...]:
        return (x.sign().relu(),)  # -1, 0 and 1 become 0, 0 and 1


class Pow(Function):
    """The odd one out: its second operand is a plain number."""

    symbol = "**"

    @staticmethod
    def forward(ctx: Any, x: Tensor, n: float) -> Tensor:
        match n:
            case int() | float():
                ctx.x, ctx.n = x.detach(), n
                return x.pow(n)
            case _:
                raise TypeError(f"unsupported exponent: {n!r}")

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None]:
        if ctx.n == 0:
            return torch.zeros_like(grad), None
        return grad.mul(ctx.n).mul(ctx.x.pow(ctx.n - 1)), None
