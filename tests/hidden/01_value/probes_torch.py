"""What the hidden tests of 01_value ask of `value_torch.py`. Untrusted side: runs beside the learner's module."""

from __future__ import annotations

from typing import Any

import kit_torch  # before any learner code: it notes the settings of an untouched process

# isort: split
import torch
import value_torch
from torch import Tensor
from torch.autograd.function import BackwardCFunction

from grader.jail.torch_guard import engine_grad

CLASSES = {
    "Add": lambda: value_torch.Add,
    "Mul": lambda: value_torch.Mul,
    "Pow": lambda: value_torch.Pow,
    "Log": lambda: value_torch.Log,
    "Exp": lambda: value_torch.Exp,
    "Relu": lambda: value_torch.Relu,
}


def _function(name: str) -> Any:
    """One of the six classes, which must be a torch.autograd.Function."""
    found = CLASSES[name]()
    if not isinstance(found, type) or torch.autograd.Function not in found.__mro__:
        raise kit_torch.WrongAnswer(f"{name} is not a torch.autograd.Function")
    return found


def _apply(name: str, operands: list[Tensor], extra: list[Any]) -> Tensor:
    """The result of one operation, which must be connected to the operands by the learner's own backward."""
    function = _function(name)
    result = kit_torch.tensor(function.apply(*operands, *extra), f"the result of {name}")
    if any(operand.requires_grad for operand in operands):
        node = result.grad_fn
        if node is None:
            raise kit_torch.WrongAnswer(f"the result of {name} has no grad_fn: it is not connected to its operands")
        if not isinstance(node, BackwardCFunction) or node._forward_cls is not function:
            raise kit_torch.WrongAnswer(f"the gradient of {name} does not come from {name}.backward")
    return result


def _gradients(name: str, result: Tensor, operands: list[Tensor], incoming: Tensor) -> list[Any]:
    """What arrives at each operand; None where nothing is asked for or nothing comes."""
    asked = [operand for operand in operands if operand.requires_grad]
    found = dict(zip(map(id, asked), engine_grad(result, asked, incoming), strict=True))
    grads = [found.get(id(operand)) for operand in operands]
    return [None if grad is None else kit_torch.plain(grad, f"a gradient of {name}") for grad in grads]


def outcome(name: str, given: list[dict], extra: list, incoming: dict, needs: list[bool]) -> dict[str, Any]:
    """One operation: its result, and the gradients when `incoming` arrives."""
    operands = [kit_torch.build(one, need) for one, need in zip(given, needs, strict=True)]
    result = _apply(name, operands, extra)
    grads = _gradients(name, result, operands, kit_torch.build(incoming))
    return {"result": kit_torch.plain(result, f"the result of {name}"), "grads": grads}


def twice(name: str, given: dict, incoming: dict) -> dict[str, Any]:
    """One operation with the same tensor as both operands."""
    x = kit_torch.build(given, True)
    result = _apply(name, [x, x], [])
    grads = _gradients(name, result, [x], kit_torch.build(incoming))
    return {"result": kit_torch.plain(result, f"the result of {name}"), "grads": grads}


def result(name: str, given: list[dict], extra: list) -> dict[str, Any]:
    """One operation without gradients."""
    return kit_torch.plain(_apply(name, [kit_torch.build(one) for one in given], extra), f"the result of {name}")


def power_by(given: dict, exponent: str) -> dict[str, Any]:
    """Pow with an exponent that is no number."""
    exponents = {"tensor": torch.tensor(2.0, dtype=torch.float64), "string": "2", "none": None, "list": [2]}
    return kit_torch.plain(_function("Pow").apply(kit_torch.build(given, True), exponents[exponent]), "the power")


def undefined(name: str, given: list[dict], extra: list) -> list[Any]:
    """The gradients when no gradient arrives at all: gradcheck asks for this, too."""
    operands = [kit_torch.build(one, True) for one in given]
    silent = torch._C._functions.UndefinedGrad()(_apply(name, operands, extra))
    grads = engine_grad(silent, operands)
    return [[0.0] if grad is None else kit_torch.plain(grad, f"a gradient of {name}")["values"] for grad in grads]


def unchanged(name: str, given: list[dict], extra: list, incoming: dict) -> dict[str, Any]:
    """What was given, after the operation and its backward, and the settings that are not as they were."""
    operands = [kit_torch.build(one, True) for one in given]
    arriving = kit_torch.build(incoming)
    engine_grad(_apply(name, operands, extra), operands, arriving)
    after = [kit_torch.plain(one, "an operand") for one in [*operands, arriving]]
    return {
        "given": after,
        "versions": [one._version for one in [*operands, arriving]],
        "settings": kit_torch.changed(),
    }
