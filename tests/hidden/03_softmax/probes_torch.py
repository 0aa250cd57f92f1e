"""What the hidden tests of 03_softmax ask of `softmax_torch.py`. Untrusted side: runs beside the learner's module."""

from __future__ import annotations

from typing import Any

import kit_torch  # before any learner code: it notes the settings of an untouched process

# isort: split
import softmax_torch
import torch
from torch import Tensor


def _softmax(x: Tensor, dim: int | None) -> Tensor:
    found = softmax_torch.softmax(x) if dim is None else softmax_torch.softmax(x, dim=dim)
    return kit_torch.tensor(found, "softmax()")


def _loss(logits: Tensor, targets: Tensor, ignore_index: int | None) -> Tensor:
    """cross_entropy, with `ignore_index` left out for None."""
    extra = {} if ignore_index is None else {"ignore_index": ignore_index}
    found = kit_torch.tensor(softmax_torch.cross_entropy(logits, targets, **extra), "cross_entropy()")
    if found.shape != ():
        raise kit_torch.WrongAnswer(f"cross_entropy() has shape {tuple(found.shape)}; it must be a scalar, of shape ()")
    return found


def _backward(root: Tensor, name: str, incoming: Tensor | None = None) -> None:
    if not root.requires_grad:
        raise kit_torch.WrongAnswer(f"the result of {name}() does not require grad: it is not connected to its input")
    root.backward(incoming)


def _grad(leaf: Tensor, name: str) -> dict[str, Any]:
    if leaf.grad is None:
        raise kit_torch.WrongAnswer(f"no gradient reaches the input of {name}()")
    return kit_torch.plain(leaf.grad, f"the gradient of {name}()")


def probabilities(given: dict, dim: int | None) -> dict[str, Any]:
    """softmax along `dim`, or along its default for None."""
    return kit_torch.plain(_softmax(kit_torch.build(given), dim), "softmax()")


def gradient(given: dict, dim: int | None, incoming: dict) -> dict[str, Any]:
    """The gradient of softmax when `incoming` arrives."""
    x = kit_torch.build(given, True)
    _backward(_softmax(x, dim), "softmax", kit_torch.build(incoming))
    return _grad(x, "softmax")


def loss(logits: dict, targets: list[int], ignore_index: int | None) -> dict[str, Any]:
    """cross_entropy of some rows."""
    return kit_torch.plain(_loss(kit_torch.build(logits), _long(targets), ignore_index), "cross_entropy()")


def loss_gradient(logits: dict, targets: list[int], ignore_index: int | None, incoming: float) -> dict[str, Any]:
    """The gradient of `incoming` times cross_entropy."""
    x = kit_torch.build(logits, True)
    _backward(_loss(x, _long(targets), ignore_index) * incoming, "cross_entropy")
    return _grad(x, "cross_entropy")


def after(given: dict, targets: list[int]) -> dict[str, Any]:
    """What was given, after both functions and their gradients, and the settings that are not as they were."""
    x, ids = kit_torch.build(given, True), _long(targets)
    probabilities = _softmax(x, -1)
    _backward(probabilities, "softmax", torch.ones_like(probabilities))
    _backward(_loss(x, ids, None), "cross_entropy")
    without = kit_torch.build(given)  # torch itself lets nobody write into a leaf with a gradient
    _softmax(without, -1)
    _loss(without, ids, None)
    return {
        "logits": [kit_torch.plain(one, "the logits") for one in (x, without)],
        "targets": ids.tolist(),
        "versions": [x._version, ids._version],
        "settings": kit_torch.changed(),
    }


def _long(targets: list[int]) -> Tensor:
    return torch.tensor(targets, dtype=torch.long)
