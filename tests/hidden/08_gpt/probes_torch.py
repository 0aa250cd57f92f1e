"""What the hidden tests of 08_gpt ask of `gpt_torch.py`. Untrusted side: runs beside the learner's module.

`sizes` stands for a whole state (see kit_gpt_torch), with one more key that may be missing: the "dtype" of its tensors,
which is float64 otherwise.

`model` holds the arguments of GPT, without the generator.
"""

from __future__ import annotations

import copy
import random
from typing import Any

import kit_torch  # before any learner code: it notes the settings of an untouched process

# isort: split
import embedding_torch
import gpt_torch
import kit_gpt_torch
import torch
from torch import Tensor

Module = torch.nn.Module


def _state(sizes: dict[str, Any]) -> dict[str, Tensor]:
    return kit_gpt_torch.state(sizes, getattr(torch, sizes.get("dtype", "float64")))


def _long(tokens: list[list[int]]) -> Tensor:
    return torch.tensor(tokens, dtype=torch.long)


def _logits(state: dict[str, Tensor], tokens: Tensor, heads: int | None) -> Tensor:
    extra = {} if heads is None else {"n_head": heads}
    return kit_torch.tensor(gpt_torch.gpt(state, tokens, **extra), "gpt()")


def _backward(found: Tensor, call: str, incoming: list[float]) -> None:
    """The gradients of the outputs, each of them weighed by its number of `incoming`."""
    if not found.requires_grad:
        raise kit_torch.WrongAnswer(f"the result of {call} does not require grad: it is not connected to its input")
    if found.numel() != len(incoming):
        raise kit_torch.WrongAnswer(
            f"the result of {call} has shape {tuple(found.shape)}: there is one logit too many or few"
        )
    found.backward(torch.tensor(incoming, dtype=found.dtype).reshape(found.shape))


def _grads(tensors: dict[str, Tensor], call: str) -> dict[str, Any]:
    for name, tensor in tensors.items():
        if tensor.grad is None:
            raise kit_torch.WrongAnswer(f"no gradient reaches {name} in {call}")
    return {name: kit_torch.plain(tensor.grad, f"the gradient of {name}") for name, tensor in tensors.items()}


# mlp and gpt


def _mlp(case: dict[str, Any], grad: bool) -> tuple[dict[str, Tensor], Tensor]:
    """The tensors of a case, {"seed", "shape": [..., C]}, and what mlp makes of them."""
    *_, width = shape = case["shape"]
    rng = random.Random(case["seed"])
    tensors = {}
    for name, sizes in (("x", shape), ("fc1", [4 * width, width]), ("fc2", [width, 4 * width])):
        values = [rng.gauss(0, 1) for _ in range(torch.Size(sizes).numel())]
        tensors[name] = kit_torch.build({"dtype": "float64", "shape": sizes, "values": values}, grad)
    return tensors, kit_torch.tensor(gpt_torch.mlp(tensors["x"], tensors["fc1"], tensors["fc2"]), "mlp()")


def mlp(case: dict) -> dict[str, Any]:
    """What mlp gives."""
    return kit_torch.plain(_mlp(case, False)[1], "mlp()")


def mlp_gradients(case: dict, incoming: list[float]) -> dict[str, Any]:
    """The gradients of x, fc1 and fc2."""
    tensors, found = _mlp(case, True)
    _backward(found, "mlp()", incoming)
    return _grads(tensors, "mlp()")


def logits(sizes: dict, tokens: list[list[int]], heads: int | None) -> dict[str, Any]:
    """What gpt gives; `heads` None leaves n_head to its default."""
    return kit_torch.plain(_logits(_state(sizes), _long(tokens), heads), "gpt()")


def gradients(sizes: dict, tokens: list[list[int]], heads: int | None, incoming: list[float]) -> dict[str, Any]:
    """The gradient of every matrix of the state."""
    state = _state(sizes)
    _backward(_logits(state, _long(tokens), heads), "gpt()", incoming)
    return _grads(state, "gpt()")


def after(sizes: dict, tokens: list[list[int]], incoming: list[float]) -> dict[str, Any]:
    """What was given, after gpt and its gradients, and the settings that are not as they were."""
    state, ids = _state(sizes), _long(tokens)
    versions = [tensor._version for tensor in state.values()]
    before = {name: tensor.detach().clone() for name, tensor in state.items()}
    _backward(_logits(state, ids, 2), "gpt()", incoming)
    return {
        "changed": [name for name in before if name not in state or not torch.equal(before[name], state[name])],
        "names": list(state),
        "written": [tensor._version - old for tensor, old in zip(state.values(), versions)],  # noqa: B905  # "names" tells
        "tokens": ids.tolist(),
        "settings": kit_torch.changed(),
    }


# GPT


def _module(model: dict[str, Any], seed: int | None = None) -> Module:
    """A GPT of a generator with this seed. The global generator, used for None, is put back as it was."""
    state = torch.get_rng_state()
    try:
        generator = None if seed is None else torch.Generator().manual_seed(seed)
        made = gpt_torch.GPT(**model, generator=generator)
        if seed is not None and not torch.equal(state, torch.get_rng_state()):
            raise kit_torch.WrongAnswer("GPT() draws from torch's global generator although one is given")
    finally:
        torch.set_rng_state(state)
    if Module not in type(made).__mro__:
        raise kit_torch.WrongAnswer(f"GPT() makes {kit_torch.kind(made)}; it must be a torch.nn.Module")
    return made


def _loaded(model: dict[str, Any], sizes: dict[str, Any]) -> Module:
    """A GPT in the dtype of `sizes`, with the numbers of that state, by load_state_dict."""
    module = _module(model, 1).to(getattr(torch, sizes.get("dtype", "float64")))
    numbers = {name.replace(".", "_"): tensor.detach() for name, tensor in _state(sizes).items()}
    Module.load_state_dict(module, numbers)
    return module


def _forward(module: Module, tokens: Tensor) -> Tensor:
    return kit_torch.tensor(module(tokens), "the result of GPT's forward()")


def _parameters(module: Module) -> dict[str, Tensor]:
    found = dict(Module.named_parameters(module))
    return {name: kit_torch.tensor(parameter, f"the parameter {name}") for name, parameter in found.items()}


def registered(model: dict) -> dict[str, Any]:
    """The parameters of a new module, and all that its state_dict holds."""
    module = _module(model, 1)
    found, stored = _parameters(module), Module.state_dict(module)
    return {
        "state_dict": {name: list(kit_torch.tensor(tensor, name).shape) for name, tensor in stored.items()},
        "parameters": {name: list(parameter.shape) for name, parameter in found.items()},
        "count": sum(parameter.numel() for parameter in found.values()),
        "trained": [type(parameter) is torch.nn.Parameter and parameter.requires_grad for parameter in found.values()],
        "kinds": sorted({str(parameter.dtype) for parameter in found.values()}),
    }


def beginnings(model: dict, seed: int) -> dict[str, Any]:
    """The numbers of a new module, and those of init_state with the same seed."""
    sizes = {name: value for name, value in model.items() if name != "n_head"}
    state = embedding_torch.init_state(**sizes, generator=torch.Generator().manual_seed(seed))
    module = _module(model, seed)
    return {
        "module": [kit_torch.plain(parameter, name) for name, parameter in _parameters(module).items()],
        "state": [kit_torch.plain(matrix, name) for name, matrix in state.items()],
    }


def drawn_twice(model: dict) -> bool:
    """Whether two modules that are made without a generator, one after the other, begin with the same numbers."""
    state = torch.get_rng_state()
    try:
        first, second = (dict(Module.named_parameters(gpt_torch.GPT(**model)))["wte"].detach() for _ in range(2))
    finally:
        torch.set_rng_state(state)
    return torch.equal(first, second)


def module_logits(model: dict, sizes: dict, tokens: list[list[int]]) -> dict[str, Any]:
    """What a module gives when it has loaded a state."""
    return kit_torch.plain(_forward(_loaded(model, sizes), _long(tokens)), "the result of GPT's forward()")


def fresh_logits(model: dict, seed: int, tokens: list[list[int]]) -> dict[str, Any]:
    """What a new module gives, and what gpt gives for its parameters."""
    module, ids = _module(model, seed), _long(tokens)
    names = [("layer" + name[5:].replace("_", ".", 1)) if name[:5] == "layer" else name for name in _parameters(module)]
    state = dict(zip(names, _parameters(module).values(), strict=True))
    return {
        "module": kit_torch.plain(_forward(module, ids), "the result of GPT's forward()"),
        "gpt": kit_torch.plain(_logits(state, ids, model.get("n_head")), "gpt()"),
    }


def module_gradients(model: dict, sizes: dict, tokens: list[list[int]], incoming: list[float]) -> dict[str, Any]:
    """The gradients that reach the parameters of a module with a loaded state."""
    module = _loaded(model, sizes)
    _backward(_forward(module, _long(tokens)), "GPT's forward()", incoming)
    return _grads(_parameters(module), "GPT's forward()")


def copied(model: dict, sizes: dict, tokens: list[list[int]]) -> dict[str, Any]:
    """The logits of a module and of a copy whose numbers have all been halved, after another module was made."""
    first, ids = _loaded(model, sizes), _long(tokens)
    half = copy.deepcopy(first)
    _module(model, 2)
    with torch.no_grad():
        for parameter in Module.parameters(half):
            parameter.mul_(0.5)
    return {
        name: kit_torch.plain(_forward(module, ids), "the result of GPT's forward()")
        for name, module in (("first", first), ("half", half))
    }
