"""What 09_adam is asked: parameters after steps of Adam, rates, losses of documents, and short trainings.

Untrusted side: runs in the worker, beside the learner's modules. Imports the standard library, the kits and the modules
of steps 02, 05, 08 and 09 only. Gradients come by way of whatever `backward` is there. Big states travel as sizes.
"""

from __future__ import annotations

from typing import Any

import adam
import backward
import gpt
import kit
import kit_gpt
import tokenizer

State = dict[str, list[list[kit.Node]]]


# Adam


def _set(params: list[kit.Node], gradients: list[float]) -> None:
    """Store a gradient in each parameter."""
    for p, g in zip(params, gradients, strict=True):
        p.grad = g


def _numbers(params: list[kit.Node]) -> list[float]:
    """What the parameters hold: they must be Values without children still."""
    for p in params:
        if kit.edges(p, "a parameter"):
            raise kit.WrongAnswer("a parameter has children after step(): change its data, and make no new Value of it")
    return [kit.data(p, "a parameter after step()") for p in params]


def _step(optimizer: Any, rate: float | None) -> None:
    """One step, with a rate of its own or without."""
    if rate is None:
        optimizer.step()
    else:
        optimizer.step(rate)


def updates(
    start: list[float], settings: dict[str, Any], gradients: list[list[float]], rates: list[float | None] | None = None
) -> list[list[float]]:
    """The parameters after each step. `settings`: what Adam is told by name; `rates`: what each step is told."""
    params = kit.leaves(start)
    if "betas" in settings:
        settings = settings | {"betas": tuple(settings["betas"])}
    optimizer = adam.Adam(list(params), **settings)
    history = []
    for gradient, rate in zip(gradients, rates or [None] * len(gradients), strict=True):
        _set(params, gradient)
        _step(optimizer, rate)
        history.append(_numbers(params))
    return history


def updates_by_place(
    start: list[float], settings: list[Any], gradients: list[list[float]], rate: float
) -> list[list[float]]:
    """As `updates`, but Adam's settings are given by place and the rate of each step by name."""
    params, (lr, betas, eps) = kit.leaves(start), settings
    optimizer = adam.Adam(list(params), lr, tuple(betas), eps)
    history = []
    for gradient in gradients:
        _set(params, gradient)
        optimizer.step(lr=rate)
        history.append(_numbers(params))
    return history


def side_by_side(
    starts: list[list[float]], settings: list[dict[str, Any]], turns: list[list[Any]]
) -> list[list[list[float]]]:
    """Several optimizers, each with its own parameters, taking turns: [which, gradients]. All parameters, each time."""
    groups = [kit.leaves(start) for start in starts]
    optimizers = [adam.Adam(params=list(group), **given) for group, given in zip(groups, settings, strict=True)]
    history = []
    for which, gradient in turns:
        _set(groups[which], gradient)
        optimizers[which].step()
        history.append([_numbers(group) for group in groups])
    return history


def one_after_the_other(start: list[float], gradients: list[list[float]]) -> list[list[float]]:
    """A new optimizer for the same parameters at each step."""
    params = kit.leaves(start)
    history = []
    for gradient in gradients:
        optimizer = adam.Adam(list(params))
        _set(params, gradient)
        optimizer.step()
        history.append(_numbers(params))
    return history


def zeroed(start: list[float], gradients: list[list[float]]) -> dict[str, Any]:
    """Steps with zero_grad() before the first and after each: the gradients it leaves, and the parameters."""
    params = kit.leaves(start)
    optimizer = adam.Adam(list(params))
    left, history = [], []
    _set(params, gradients[0])
    optimizer.zero_grad()
    left.append([kit.grad(p, "a parameter after zero_grad()") for p in params])
    for gradient in gradients:
        _set(params, gradient)
        optimizer.step()
        optimizer.zero_grad()
        left.append([kit.grad(p, "a parameter after zero_grad()") for p in params])
        history.append(_numbers(params))
    return {"left": left, "history": history}


def rate(lr: float, step: int, num_steps: int) -> float:
    """linear_decay, arguments by place."""
    return adam.linear_decay(lr, step, num_steps)


def named_rate(lr: float, step: int, num_steps: int) -> float:
    """linear_decay, arguments by name."""
    return adam.linear_decay(num_steps=num_steps, step=step, lr=lr)


# The loss of one document


def _state(sizes: dict[str, Any]) -> State:
    """A state of fresh Values."""
    return {name: [kit.leaves(row) for row in matrix] for name, matrix in kit_gpt.state(sizes).items()}


def _flat(state: State) -> list[kit.Node]:
    """All Values of a state, in its order."""
    return [x for matrix in state.values() for row in matrix for x in row]


def losses(sizes: dict[str, Any], tokens: list[int], n_head: int) -> list[float]:
    """doc_loss of one state, twice."""
    state = _state(sizes)
    found = [adam.doc_loss(state, list(tokens), n_head), adam.doc_loss(state=state, tokens=list(tokens), n_head=n_head)]
    return [kit.data(loss, "doc_loss()") for loss in found]


def loss(sizes: dict[str, Any], tokens: list[int]) -> float:
    """doc_loss with the default number of heads."""
    return kit.data(adam.doc_loss(_state(sizes), list(tokens)), "doc_loss()")


def logits(sizes: dict[str, Any], tokens: list[int], n_head: int) -> list[list[float]]:
    """What gpt says at each of these positions."""
    state = _state(sizes)
    keys: list[list[Any]] = [[] for _ in range(sizes["layers"])]
    values: list[list[Any]] = [[] for _ in range(sizes["layers"])]
    return [
        [kit.data(x, "gpt()") for x in gpt.gpt(state, token, place, keys, values, n_head)]
        for place, token in enumerate(tokens)
    ]


def gradients(sizes: dict[str, Any], tokens: list[int], n_head: int) -> dict[str, list[list[float]]]:
    """The gradient of doc_loss by every parameter, in the form of the state."""
    state = _state(sizes)
    backward.backward(kit.node(adam.doc_loss(state, list(tokens), n_head), "doc_loss()"))
    return {
        name: [[kit.grad(x, f"a parameter of {name} after backward()") for x in row] for row in matrix]
        for name, matrix in state.items()
    }


# Training


def _float(thing: object, what: str) -> float:
    """A float, exactly."""
    if type(thing) is not float:
        raise kit.WrongAnswer(f"{what} is {kit.kind(thing)}; a float belongs there")
    return thing


def _losses(found: object, count: int) -> list[float]:
    """What train returned."""
    if type(found) is not list:
        raise kit.WrongAnswer(f"train() returned {kit.kind(found)}; it must return a list of float")
    if len(found) != count:
        raise kit.WrongAnswer(f"train() returned {len(found)} losses where {count} belong")
    return [_float(x, f"train()[{i}]") for i, x in enumerate(found)]


def trained(
    sizes: dict[str, Any], docs: list[str], others: list[str], num_steps: int, lr: float | None
) -> dict[str, Any]:
    """The losses of a training and the parameters after it. The tokenizer knows `others` as well.

    lr None: it is not given.
    """
    state, known = _state(sizes), tokenizer.Tokenizer([*docs, *others])
    params = _flat(state)
    given = {} if lr is None else {"lr": lr}
    found = _losses(adam.train(state, list(docs), known, num_steps, **given), num_steps)
    return {"losses": found, "parameters": [kit.data(p, "a parameter after train()") for p in params]}


def watched(sizes: dict[str, Any], docs: list[str], num_steps: int, lr: float, by_name: bool) -> dict[str, Any]:
    """What on_step is told, and the parameters it sees: three of wte's row of BOS, which every step changes."""
    state, known = _state(sizes), tokenizer.Tokenizer(list(docs))
    seen = state["wte"][-1][:3]
    before = [kit.data(p, "a parameter") for p in seen]
    calls = []

    def on_step(step: int, loss: float) -> None:
        if type(step) is not int:
            raise kit.WrongAnswer(f"on_step() is told {kit.kind(step)} for a step; an int belongs there")
        values = [kit.data(p, "a parameter in on_step()") for p in seen]
        calls.append({"step": step, "loss": _float(loss, "the loss on_step() is told"), "seen": values})

    if by_name:
        found = adam.train(state=state, docs=list(docs), tokenizer=known, num_steps=num_steps, lr=lr, on_step=on_step)
    else:
        found = adam.train(state, list(docs), known, num_steps, lr, on_step)
    losses = _losses(found, num_steps)
    return {"losses": losses, "calls": calls, "before": before, "after": [kit.data(p, "a parameter") for p in seen]}
