"""What the hidden tests of 09_adam ask of `adam_torch.py`. Untrusted side: runs beside the learner's module."""

from __future__ import annotations

from typing import Any

import kit_torch  # before any learner code: it notes the settings of an untouched process

# isort: split
import adam_torch
import gpt_torch
import kit_gpt_torch
import tokenizer_torch
import torch
from torch import Tensor

BASE = torch.optim.Optimizer


def _optimizer(params: Any, settings: dict[str, Any]) -> Any:
    """Adam of these parameters, which must be an optimizer, and none of torch's own."""
    made = adam_torch.Adam(params, **_tuples(settings))
    bases = type.__dict__["__mro__"].__get__(type(made))
    if BASE not in bases:
        raise kit_torch.WrongAnswer(f"Adam() made {kit_torch.kind(made)}, which is no torch.optim.Optimizer")
    for base in bases:
        if base is not BASE and issubclass(base, BASE) and str(base.__module__).split(".")[0] == "torch":
            name = f"torch.optim.{base.__name__}"
            raise kit_torch.WrongAnswer(f"Adam is built on {name}: writing that yourself is the exercise")
    return made


def _tuples(settings: dict[str, Any]) -> dict[str, Any]:
    """The settings with `betas` as the tuple that it is."""
    return {name: tuple(value) if type(value) is list else value for name, value in settings.items()}


def _groups(case: dict[str, Any], params: list[Tensor]) -> Any:
    """What Adam is given: the parameters, or groups of them with settings of their own."""
    if case.get("groups") is None:
        return (p for p in params) if case.get("generator") else params
    return [{"params": [params[i] for i in group["places"]], **_tuples(group["settings"])} for group in case["groups"]]


def _rates(optimizer: Any) -> list[float]:
    for group in optimizer.param_groups:
        if type(group.get("lr")) is not float:
            raise kit_torch.WrongAnswer('a group in param_groups has no float as its "lr"')
    return [group["lr"] for group in optimizer.param_groups]


def _step(optimizer: Any, given: dict[str, Any]) -> None:
    """One step, with a rate where `given` holds one."""
    if "rate" not in given:
        optimizer.step()
    elif given.get("keyword"):
        optimizer.step(lr=given["rate"])
    else:
        optimizer.step(given["rate"])


def made(case: dict[str, Any]) -> dict[str, Any]:
    """What an optimizer holds before its first step."""
    if not isinstance(adam_torch.Adam, type):
        raise kit_torch.WrongAnswer(f"Adam is {kit_torch.kind(adam_torch.Adam)}; a class belongs there")
    params = [kit_torch.build(given, True) for given in case["params"]]
    optimizer = _optimizer(_groups(case, params), case["settings"])
    held = [group["params"] for group in optimizer.param_groups]
    places = [[i for p in group for i, q in enumerate(params) if p is q] for group in held]
    return {"rates": _rates(optimizer), "places": places}


def walk(case: dict[str, Any]) -> dict[str, Any]:
    """The parameters and the groups' rates after each step.

    case: params, settings, groups (places and settings; None: no groups), and for every step its grads (None: this
    parameter has none), and maybe a rate for it and rates to be written into the groups before it.
    """
    params = [kit_torch.build(given, True) for given in case["params"]]
    optimizer = _optimizer(_groups(case, params), case["settings"])
    steps = []
    for given in case["steps"]:
        for group, rate in zip(optimizer.param_groups, given.get("written", []), strict=False):
            group["lr"] = rate
        for p, grad in zip(params, given["grads"], strict=True):
            p.grad = None if grad is None else kit_torch.build(grad)
        _step(optimizer, given)
        steps.append({"rates": _rates(optimizer), "params": [kit_torch.plain(p, "a parameter") for p in params]})
    return {"steps": steps}


def around(case: dict[str, Any]) -> dict[str, Any]:
    """What there is besides the numbers of the parameters, after steps whose gradients are written into one tensor."""
    params = [kit_torch.build(given, True) for given in case["params"]]
    optimizer = _optimizer(params, case["settings"])
    buffers = [torch.zeros_like(p) for p in params]
    for p, buffer in zip(params, buffers, strict=True):
        p.grad = buffer
    for given in case["steps"]:
        for buffer, grad in zip(buffers, given["grads"], strict=True):
            buffer.copy_(kit_torch.build(grad))
        _step(optimizer, given)
    held = [p for group in optimizer.param_groups for p in group["params"]]
    answer = {
        "params": [kit_torch.plain(p, "a parameter") for p in params],
        "grads": [kit_torch.plain(buffer, "a gradient") for buffer in buffers],
        "same gradients": [p.grad is buffer for p, buffer in zip(params, buffers, strict=True)],
        "same parameters": [p is q for p, q in zip(params, held, strict=False)],
        "leaves": [p.is_leaf and p.requires_grad for p in params],
        "settings": kit_torch.changed(),
    }
    optimizer.zero_grad()
    answer["cleared"] = [p.grad is None or not p.grad.any().item() for p in params]
    return answer


def decay(lr: float, step: int, num_steps: int) -> float:
    """linear_decay."""
    return adam_torch.linear_decay(lr, step, num_steps)


def logits(sizes: dict[str, Any], inputs: list[list[int]], n_head: int) -> list[list[list[float]]]:
    """What the model says: (B, T, V)."""
    with torch.no_grad():
        return gpt_torch.gpt(kit_gpt_torch.state(sizes), torch.tensor(inputs), n_head).tolist()


def _loss(state: dict[str, Tensor], case: dict[str, Any]) -> Tensor:
    """batch_loss, with `n_head` left out where the case has none."""
    extra = {"n_head": case["heads"]} if "heads" in case else {}
    inputs, targets = torch.tensor(case["inputs"]), torch.tensor(case["targets"])
    found = kit_torch.tensor(adam_torch.batch_loss(state, inputs, targets, **extra), "batch_loss()")
    if found.shape != ():
        raise kit_torch.WrongAnswer(f"batch_loss() has shape {tuple(found.shape)}; it must be a scalar, of shape ()")
    if inputs.tolist() != case["inputs"] or targets.tolist() != case["targets"]:
        raise kit_torch.WrongAnswer("batch_loss() changes its inputs or targets")
    return found


def loss(sizes: dict[str, Any], case: dict[str, Any]) -> dict[str, Any]:
    """batch_loss over a state, with some entries [name, row, column, by how much] moved."""
    state = kit_gpt_torch.state(sizes, getattr(torch, case.get("dtype", "float64")))
    with torch.no_grad():
        for name, row, column, by in case.get("moved", []):
            state[name][row, column] += by
    return kit_torch.plain(_loss(state, case), "batch_loss()")


def gradient(sizes: dict[str, Any], case: dict[str, Any]) -> dict[str, Any]:
    """The gradients of batch_loss by all matrices."""
    state = kit_gpt_torch.state(sizes)
    found = _loss(state, case)
    if not found.requires_grad:
        raise kit_torch.WrongAnswer(
            "the result of batch_loss() does not require grad: it is not connected to the state"
        )
    found.backward()
    for name, matrix in state.items():
        if matrix.grad is None:
            raise kit_torch.WrongAnswer(f"no gradient of batch_loss() reaches {name}")
    return {name: kit_torch.plain(matrix.grad, f"the gradient of {name}") for name, matrix in state.items()}


def train(sizes: dict[str, Any], docs: list[str], num_steps: int, extra: dict[str, Any]) -> dict[str, Any]:
    """Training: the losses, and the state and the documents afterwards."""
    state, given = kit_gpt_torch.state(sizes), list(docs)
    tokenizer = tokenizer_torch.Tokenizer(docs)
    losses = adam_torch.train(state, given, tokenizer, num_steps, **extra)
    return {"losses": _floats(losses), "docs": given, "state": _numbers(state)}


def calls(sizes: dict[str, Any], docs: list[str], num_steps: int) -> dict[str, Any]:
    """What `on_step` is called with, and a part of the state at the time of each call."""
    state, seen = kit_gpt_torch.state(sizes), []

    def on_step(step: int, loss: float) -> None:
        if type(step) is not int or type(loss) is not float:
            kinds = f"{kit_torch.kind(step)} and {kit_torch.kind(loss)}"
            raise kit_torch.WrongAnswer(f"on_step() is called with {kinds}; an int and a float belong there")
        seen.append([step, loss, state["lm_head"].tolist()])

    losses = adam_torch.train(state, docs, tokenizer_torch.Tokenizer(docs), num_steps, on_step=on_step)
    return {"calls": seen, "losses": _floats(losses), "after": state["lm_head"].tolist()}


def _floats(losses: Any) -> list[float]:
    if type(losses) is not list:
        raise kit_torch.WrongAnswer(f"train() returned {kit_torch.kind(losses)}; it must return a list of floats")
    for i, loss in enumerate(losses):
        if type(loss) is not float:
            raise kit_torch.WrongAnswer(f"train()[{i}] is {kit_torch.kind(loss)}; a float belongs there")
    return losses


def _numbers(state: dict[str, Tensor]) -> dict[str, list]:
    """The matrices, which must be the leaf tensors that they were."""
    for name, matrix in state.items():
        if type(matrix) is not Tensor or not (matrix.is_leaf and matrix.requires_grad):
            raise kit_torch.WrongAnswer(f"after train() the state's {name} is no leaf tensor that requires grad")
        if matrix.dtype != torch.float64:
            raise kit_torch.WrongAnswer(f"train() changes the dtype of the state's {name}")
    return {name: matrix.tolist() for name, matrix in state.items()}
