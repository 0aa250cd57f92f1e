"""What the hidden tests of 06_embedding ask of `embedding_torch.py`. Untrusted side: runs beside that module.

`sizes` is what kit_gpt.state takes: {"seed", "vocab", "embd", "layers", "block", "std"}.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import kit_torch  # before any learner code: it notes the settings of an untouched process

# isort: split
import embedding_torch
import kit_gpt
import torch
from torch import Tensor


def _generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _checked(found: Any) -> dict[str, Tensor]:
    """What init_state returned: a dict of tensors."""
    if not isinstance(found, dict):
        raise kit_torch.WrongAnswer(f"init_state() returned {kit_torch.kind(found)}; it must return a dict")
    for name, matrix in found.items():
        if type(name) is not str:
            raise kit_torch.WrongAnswer(f"a key of the state is {kit_torch.kind(name)}; it must be a str")
        kit_torch.tensor(matrix, f"{name} of the state")
    return found


def _state(sizes: dict[str, Any], generator: torch.Generator | None) -> dict[str, Tensor]:
    """A fresh state of the learner's, of these sizes."""
    return _checked(
        embedding_torch.init_state(
            sizes["vocab"],
            n_embd=sizes["embd"],
            n_layer=sizes["layers"],
            block_size=sizes["block"],
            std=sizes["std"],
            generator=generator,
        )
    )


def _given(sizes: dict[str, Any], dtype: torch.dtype = torch.float64) -> dict[str, Tensor]:
    """A state of the course's."""
    state = kit_gpt.state(sizes)
    return {name: torch.tensor(rows, dtype=dtype, requires_grad=True) for name, rows in state.items()}


@contextmanager
def _global_generator(seed: int) -> Iterator[None]:
    """torch's global generator in this state inside, and as it was afterwards."""
    before = torch.get_rng_state()
    torch.manual_seed(seed)
    try:
        yield
    finally:
        torch.set_rng_state(before)


def _numbers(state: dict[str, Tensor]) -> dict[str, Any]:
    return {name: kit_torch.plain(matrix, f"{name} of the state") for name, matrix in state.items()}


def shapes(sizes: dict[str, Any]) -> list[Any]:
    """[name, shape] of every matrix."""
    state = _state(sizes, _generator(sizes["seed"]))
    return [[name, list(matrix.shape)] for name, matrix in state.items()]


def leaves(sizes: dict[str, Any]) -> list[list[bool]]:
    """[requires a gradient, is a leaf] of every matrix."""
    state = _state(sizes, _generator(sizes["seed"]))
    return [[bool(matrix.requires_grad), bool(matrix.is_leaf)] for matrix in state.values()]


def default_shapes(vocab: int, seed: int) -> list[Any]:
    """The same, where nothing but the vocabulary is given."""
    with _global_generator(seed):
        state = _checked(embedding_torch.init_state(vocab_size=vocab))
    return [[name, list(matrix.shape)] for name, matrix in state.items()]


def shapes_by_place(sizes: dict[str, Any]) -> list[Any]:
    """The same, where all is given by place."""
    order = [sizes[key] for key in ("vocab", "embd", "layers", "block", "std")]
    state = _checked(embedding_torch.init_state(*order, _generator(sizes["seed"])))
    return [[name, list(matrix.shape)] for name, matrix in state.items()]


def moments(sizes: dict[str, Any] | None, seed: int) -> list[list[float]]:
    """Of every matrix: how many numbers, and the means of x, x^2 and x^4. All defaults with None."""
    if sizes is None:
        with _global_generator(seed):
            state = _checked(embedding_torch.init_state(27))
    else:
        state = _state(sizes, _generator(seed))
    found = []
    for name, matrix in state.items():
        x = kit_torch.tensor(matrix, name).detach().to(torch.float64).reshape(-1)
        found.append([float(x.numel()), x.mean().item(), (x**2).mean().item(), (x**4).mean().item()])
    return found


def different_numbers(sizes: dict[str, Any]) -> list[int]:
    """How many numbers the state has, and how many different ones."""
    state = _state(sizes, _generator(sizes["seed"]))
    numbers = [number for matrix in state.values() for number in matrix.detach().reshape(-1).tolist()]
    return [len(numbers), len(set(numbers))]


def overwritten(sizes: dict[str, Any]) -> list[bool]:
    """For every matrix whether it holds what was written into it, and nothing that was written into another."""
    state = _state(sizes, _generator(sizes["seed"]))
    numbers = [
        torch.arange(matrix.numel(), dtype=matrix.dtype).reshape(matrix.shape) + 1000 * i
        for i, matrix in enumerate(state.values())
    ]
    with torch.no_grad():
        for matrix, written in zip(state.values(), numbers, strict=True):
            matrix.copy_(written)
    return [bool((m.detach() == written).all()) for m, written in zip(state.values(), numbers, strict=True)]


def state_from(sizes: dict[str, Any], seed: int) -> dict[str, Any]:
    """The numbers of a state that is drawn from a generator of this seed."""
    return _numbers(_state(sizes, _generator(seed)))


def state_of_global(sizes: dict[str, Any], seed: int, times: int) -> list[dict[str, Any]]:
    """The numbers of states that are drawn one after the other from torch's global generator, set to this seed."""
    with _global_generator(seed):
        return [_numbers(_state(sizes, None)) for _ in range(times)]


def moved(sizes: dict[str, Any], seed: int, given: bool) -> dict[str, bool]:
    """Which generators move when a state is drawn, with or without one given."""
    generator = _generator(seed)
    with _global_generator(seed + 1):
        before = torch.get_rng_state(), generator.get_state()
        _state(sizes, generator if given else None)
        now = torch.get_rng_state(), generator.get_state()
    return {"global": not torch.equal(now[0], before[0]), "given": not torch.equal(now[1], before[1])}


def places_of_parameters(sizes: dict[str, Any]) -> list[int]:
    """For every entry of parameters(state) its place in the state, or -1 where it is another tensor."""
    state = _given(sizes)
    found = embedding_torch.parameters(state)
    if type(found) is not list:
        raise kit_torch.WrongAnswer(f"parameters() returned {kit_torch.kind(found)}; it must return a list")
    matrices = list(state.values())
    return [next((i for i, matrix in enumerate(matrices) if matrix is one), -1) for one in found]


def tables(sizes: dict[str, Any]) -> dict[str, Any]:
    """The numbers of wte and wpe in a state of the course's, for the checks to compute with."""
    state = kit_gpt.state(sizes)
    return {"wte": state["wte"], "wpe": state["wpe"]}


def _embed(state: dict[str, Tensor], tokens: Tensor) -> Tensor:
    return kit_torch.tensor(embedding_torch.embed(state, tokens), "embed()")


def embedded(sizes: dict[str, Any], tokens: dict[str, Any], dtype: str) -> dict[str, Any]:
    """What embed makes of some tokens."""
    return kit_torch.plain(_embed(_given(sizes, getattr(torch, dtype)), kit_torch.build(tokens)), "embed()")


def embedded_shape(sizes: dict[str, Any], tokens: dict[str, Any], dtype: str) -> dict[str, Any]:
    """The shape and dtype of what embed makes of some tokens."""
    found = embedded(sizes, tokens, dtype)
    return {"dtype": found["dtype"], "shape": found["shape"]}


def gradients(sizes: dict[str, Any], tokens: dict[str, Any], incoming: dict[str, Any]) -> dict[str, Any]:
    """What reaches wte and wpe when `incoming` arrives."""
    state = _given(sizes)
    found = _embed(state, kit_torch.build(tokens))
    arriving = kit_torch.build(incoming)
    if not found.requires_grad:
        raise kit_torch.WrongAnswer("the result of embed() does not require grad: it is not connected to the state")
    if found.shape != arriving.shape:
        raise kit_torch.WrongAnswer(f"embed() has shape {tuple(found.shape)}; {tuple(arriving.shape)} belongs there")
    found.backward(arriving)
    answer = {}
    for name in ("wte", "wpe"):
        if state[name].grad is None:
            raise kit_torch.WrongAnswer(f"no gradient reaches {name}")
        answer[name] = kit_torch.plain(state[name].grad, f"the gradient of {name}")
    return answer


def after(sizes: dict[str, Any], tokens: dict[str, Any]) -> dict[str, Any]:
    """Which inputs are as they were after everything was used, and the settings that are not."""
    _state(sizes, _generator(sizes["seed"]))
    state, ids = _given(sizes), kit_torch.build(tokens)
    names, copies = list(state), [matrix.detach().clone() for matrix in state.values()]
    embedding_torch.parameters(state)
    found = _embed(state, ids)
    found.backward(torch.ones_like(found))
    return {
        "names": list(state) == names,
        "state": [torch.equal(m.detach(), copy) for m, copy in zip(state.values(), copies, strict=True)],
        "tokens": ids.reshape(-1).tolist(),
        "settings": kit_torch.changed(),
    }
