"""What the hidden tests of 04_layers ask of `layers_torch.py`. Untrusted side: runs beside the learner's module."""

from __future__ import annotations

from typing import Any

import kit_torch  # before any learner code: it notes the settings of an untouched process

# isort: split
import layers_torch
from torch import Tensor


def _linear(x: Tensor, w: Tensor) -> Tensor:
    return kit_torch.tensor(layers_torch.linear(x, w), "linear()")


def _rmsnorm(x: Tensor, eps: float | None) -> Tensor:
    """rmsnorm, with `eps` left out for None."""
    found = layers_torch.rmsnorm(x) if eps is None else layers_torch.rmsnorm(x, eps)
    return kit_torch.tensor(found, "rmsnorm()")


def _backward(root: Tensor, name: str, incoming: Tensor) -> None:
    if not root.requires_grad:
        raise kit_torch.WrongAnswer(f"the result of {name}() does not require grad: it is not connected to its input")
    if root.shape != incoming.shape:
        raise kit_torch.WrongAnswer(f"{name}() has shape {tuple(root.shape)}; {tuple(incoming.shape)} belongs there")
    root.backward(incoming)


def _grad(leaf: Tensor, what: str) -> dict[str, Any]:
    if leaf.grad is None:
        raise kit_torch.WrongAnswer(f"no gradient reaches {what}")
    return kit_torch.plain(leaf.grad, f"the gradient of {what}")


def product(x: dict, w: dict) -> dict[str, Any]:
    """linear of two tensors."""
    return kit_torch.plain(_linear(kit_torch.build(x), kit_torch.build(w)), "linear()")


def named_product(x: dict, w: dict) -> dict[str, Any]:
    """linear, called with the names of its parameters."""
    found = layers_torch.linear(w=kit_torch.build(w), x=kit_torch.build(x))
    return kit_torch.plain(found, "linear()")


def gradient_of_x(x: dict, w: dict, incoming: dict, both: bool) -> dict[str, Any]:
    """What reaches x when `incoming` arrives at linear; w requires a gradient too if `both`."""
    leaf = kit_torch.build(x, True)
    _backward(_linear(leaf, kit_torch.build(w, both)), "linear", kit_torch.build(incoming))
    return _grad(leaf, "the x of linear()")


def gradient_of_w(x: dict, w: dict, incoming: dict, both: bool) -> dict[str, Any]:
    """What reaches w when `incoming` arrives at linear; x requires a gradient too if `both`."""
    leaf = kit_torch.build(w, True)
    _backward(_linear(kit_torch.build(x, both), leaf), "linear", kit_torch.build(incoming))
    return _grad(leaf, "the w of linear()")


def normed(x: dict, eps: float | None) -> dict[str, Any]:
    """rmsnorm of one tensor."""
    return kit_torch.plain(_rmsnorm(kit_torch.build(x), eps), "rmsnorm()")


def named_normed(x: dict, eps: float) -> dict[str, Any]:
    """rmsnorm, called with the names of its parameters."""
    return kit_torch.plain(layers_torch.rmsnorm(eps=eps, x=kit_torch.build(x)), "rmsnorm()")


def gradient_of_normed(x: dict, eps: float | None, incoming: dict) -> dict[str, Any]:
    """What reaches x when `incoming` arrives at rmsnorm."""
    leaf = kit_torch.build(x, True)
    _backward(_rmsnorm(leaf, eps), "rmsnorm", kit_torch.build(incoming))
    return _grad(leaf, "the x of rmsnorm()")


def after(x: dict, w: dict, incoming: dict) -> dict[str, Any]:
    """What was given, after both functions and their gradients, and the settings that are not as they were."""
    leaf, rows, arriving = kit_torch.build(x, True), kit_torch.build(w, True), kit_torch.build(incoming)
    _backward(_linear(leaf, rows), "linear", arriving)
    _backward(_rmsnorm(rows, None), "rmsnorm", rows.detach().clone())
    without = [kit_torch.build(x), kit_torch.build(w)]  # torch itself lets nobody write into a leaf with a gradient
    _linear(*without)
    for one in without:
        _rmsnorm(one, None)
    return {
        "x": kit_torch.plain(leaf, "x"),
        "w": kit_torch.plain(rows, "w"),
        "without": [kit_torch.plain(one, "x or w") for one in without],
        "incoming": kit_torch.plain(arriving, "the gradient that arrives"),
        "versions": [leaf._version, rows._version, arriving._version],
        "settings": kit_torch.changed(),
    }
