"""What 03_softmax is asked: probabilities, losses, their gradients, and the graphs that they are made of.

Untrusted side: runs in the worker, beside the learner's modules. Imports the standard library, `kit`, `backward` and
`softmax` only; gradients come by way of whatever `backward` is there.
"""

from __future__ import annotations

from typing import Any

import backward
import kit
import softmax

CAP = 50_000  # nodes and edges: linear graphs of the sizes asked for stay far below


def _outputs(logits: list[kit.Node]) -> list[kit.Node]:
    """softmax of these Values, one Value for each."""
    return kit.nodes(softmax.softmax(list(logits)), len(logits), "softmax()")


def _loss(logits: list[kit.Node], target: int) -> kit.Node:
    """cross_entropy of these Values."""
    return kit.node(softmax.cross_entropy(list(logits), target), "cross_entropy()")


def probabilities(logits: list[float]) -> list[float]:
    """The numbers that softmax gives."""
    return [kit.data(p, f"softmax()[{i}]") for i, p in enumerate(_outputs(kit.leaves(logits)))]


def empty() -> None:
    """Try softmax of nothing."""
    softmax.softmax([])


def named_probabilities(logits: list[float]) -> list[float]:
    """The numbers that softmax gives, its argument given by name."""
    found = kit.nodes(softmax.softmax(logits=kit.leaves(logits)), len(logits), "softmax()")
    return [kit.data(p, f"softmax()[{i}]") for i, p in enumerate(found)]


def jacobian(logits: list[float]) -> list[list[float]]:
    """Row i: the gradient of probability i by every logit."""
    rows = []
    for i in range(len(logits)):
        values = kit.leaves(logits)
        backward.backward(_outputs(values)[i])
        rows.append([kit.grad(x, "a logit after backward()") for x in values])
    return rows


def through_weights(weights: list[float], scale: float, target: int) -> list[float]:
    """Gradients of the loss of logits w * scale, by every w and by scale."""
    values, factor = kit.leaves(weights), kit.leaves([scale])[0]
    backward.backward(_loss([w * factor for w in values], target))
    return [kit.grad(x, "an input after backward()") for x in [*values, factor]]


def losses(logits: list[float]) -> list[float]:
    """cross_entropy for each target in turn."""
    return [kit.data(_loss(kit.leaves(logits), target), "cross_entropy()") for target in range(len(logits))]


def one_loss(logits: list[float], target: int) -> float:
    """cross_entropy for one target, arguments given by name."""
    return kit.data(softmax.cross_entropy(logits=kit.leaves(logits), target=target), "cross_entropy()")


def loss_gradient(logits: list[float], target: int) -> list[float]:
    """The gradient of cross_entropy by every logit."""
    values = kit.leaves(logits)
    backward.backward(_loss(values, target))
    return [kit.grad(x, "a logit after backward()") for x in values]


def _size(roots: list[kit.Node]) -> int:
    """Nodes and edges together under the roots, counted up to CAP."""
    _, size = kit.reached(roots, "a node of the graph", CAP)
    return min(CAP, size)


def softmax_size(logits: list[float]) -> dict[str, Any]:
    """The probabilities, and the size of the graph under them."""
    outputs = _outputs(kit.leaves(logits))
    return {"values": [kit.data(p, f"softmax()[{i}]") for i, p in enumerate(outputs)], "size": _size(outputs)}


def loss_size(logits: list[float]) -> dict[str, Any]:
    """The loss of target 3, and the size of the graph under it."""
    loss = _loss(kit.leaves(logits), 3)
    return {"values": [kit.data(loss, "cross_entropy()")], "size": _size([loss])}


def softmax_graph(logits: list[float]) -> list[dict[str, Any]]:
    """The graph under all probabilities."""
    return kit.graph(_outputs(kit.leaves(logits)), "a node of softmax()")


def loss_graph(logits: list[float], target: int) -> list[dict[str, Any]]:
    """The graph under the loss."""
    return kit.graph([_loss(kit.leaves(logits), target)], "a node of cross_entropy()")
