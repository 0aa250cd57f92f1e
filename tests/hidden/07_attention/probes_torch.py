"""What the hidden tests of 07_attention ask of `attention_torch.py`. Untrusted side: runs beside the learner's module.

A case is a small dict that stands for x and the four matrices:

    {"seed": 7, "shape": [B, T, C], "heads": 2}     Gaussian numbers: x of size 1, the matrices of size 0.5

`heads` None leaves n_head to its default. "given" replaces the numbers of a tensor ({"wq": [...]}), "dtype" and
"layout" say how the tensors are stored.
"""

from __future__ import annotations

import random
from typing import Any

import kit_torch  # before any learner code: it notes the settings of an untouched process

# isort: split
import attention_torch
import torch
from torch import Tensor

MATRICES = ("wq", "wk", "wv", "wo")


def _tensors(case: dict[str, Any], grad: bool = False) -> dict[str, Tensor]:
    """x and the matrices of a case, by name: fresh leaves."""
    batch, length, width = case["shape"]
    rng = random.Random(case["seed"])
    drawn = {"x": [rng.gauss(0, 1) for _ in range(batch * length * width)]}
    drawn |= {name: [rng.gauss(0, 0.5) for _ in range(width * width)] for name in MATRICES}
    drawn |= case.get("given", {})
    how = {"dtype": case.get("dtype", "float64"), "layout": case.get("layout", "")}
    shapes = {name: case["shape"] if name == "x" else [width, width] for name in drawn}
    return {
        name: kit_torch.build({**how, "shape": shapes[name], "values": values}, grad) for name, values in drawn.items()
    }


def _attention(case: dict[str, Any], tensors: dict[str, Tensor]) -> Tensor:
    extra = {} if case["heads"] is None else {"n_head": case["heads"]}
    found = attention_torch.attention(tensors["x"], *(tensors[name] for name in MATRICES), **extra)
    kit_torch.tensor(found, "attention()")
    if found.shape != tensors["x"].shape:
        shapes = f"{tuple(found.shape)}; x has {tuple(tensors['x'].shape)}"
        raise kit_torch.WrongAnswer(f"the result of attention() has shape {shapes}, and so must the result")
    return found


def _backward(case: dict[str, Any], tensors: dict[str, Tensor], position: int | None = None) -> Tensor:
    """attention, and its gradients when case["incoming"] arrives, at one position only unless that is None."""
    found = _attention(case, tensors)
    if not found.requires_grad:
        raise kit_torch.WrongAnswer("the result of attention() does not require grad: it is not connected to its input")
    incoming = torch.tensor(case["incoming"], dtype=found.dtype).reshape(found.shape)
    if position is not None:
        incoming[:, :position] = 0
        incoming[:, position + 1 :] = 0
    found.backward(incoming)
    return found


def _grad(tensors: dict[str, Tensor], name: str) -> dict[str, Any]:
    if tensors[name].grad is None:
        raise kit_torch.WrongAnswer(f"no gradient reaches {name} in attention()")
    return kit_torch.plain(tensors[name].grad, f"the gradient of {name}")


def outputs(case: dict) -> dict[str, Any]:
    """What attention gives."""
    return kit_torch.plain(_attention(case, _tensors(case)), "attention()")


def gradients(case: dict) -> dict[str, Any]:
    """The gradients of x and of the matrices, by name."""
    tensors = _tensors(case, True)
    _backward(case, tensors)
    return {name: _grad(tensors, name) for name in tensors}


def slopes(case: dict, position: int) -> dict[str, Any]:
    """The gradient of x when only the outputs of one position are asked for."""
    tensors = _tensors(case, True)
    _backward(case, tensors, position)
    return _grad(tensors, "x")


def after(case: dict) -> dict[str, Any]:
    """What was given, after attention and its gradients, and the settings that are not as they were."""
    tensors = _tensors(case, True)
    _backward(case, tensors)
    without = _tensors(case)  # torch itself lets nobody write into a leaf with a gradient
    _attention(case, without)
    return {
        "tensors": {name: kit_torch.plain(tensor, name) for name, tensor in tensors.items()},
        "without": {name: kit_torch.plain(tensor, name) for name, tensor in without.items()},
        "versions": [tensor._version for tensor in tensors.values()],
        "settings": kit_torch.changed(),
    }
