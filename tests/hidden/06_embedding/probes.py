"""What 06_embedding is asked: fresh states, their parameters in one list, and embeddings with their gradients.

Untrusted side: runs in the worker, beside the learner's modules. Imports the standard library, `kit`, `kit_gpt`,
`backward` and `embedding` only; gradients come by way of whatever `backward` is there.
"""

from __future__ import annotations

import random
from typing import Any

import backward
import embedding
import kit
import kit_gpt

Sizes = dict[str, Any]  # of kit_gpt: {"seed": 7, "vocab": 5, "embd": 3, "layers": 2, "block": 4, "std": 0.3}


def _is_a(thing: object, kind: type) -> bool:
    """Whether `thing` is of this kind; subclasses are welcome."""
    return kind in type(thing).__mro__


def _matrices(state: Any) -> dict[str, list[list[kit.Node]]]:
    """The state that init_state returned, which must be a dict of lists of lists of Values."""
    if not _is_a(state, dict):
        raise kit.WrongAnswer(f"init_state() returned {kit.kind(state)}; it must return a dict")
    found = {}
    for name, matrix in state.items():
        if type(name) is not str:
            raise kit.WrongAnswer(f"a key of the state is {kit.kind(name)}; it must be a str")
        if type(matrix) is not list or not all(type(row) is list for row in matrix):
            raise kit.WrongAnswer(f"the state's {name} must be a list of rows, and each row a list of Value")
        found[name] = [[kit.node(one, f"an entry of {name}") for one in row] for row in matrix]
    return found


def _init(sizes: Sizes, rng: random.Random | None) -> dict[str, list[list[kit.Node]]]:
    """init_state with every argument given by name, `rng` only where there is one."""
    given = {} if rng is None else {"rng": rng}
    state = embedding.init_state(
        vocab_size=sizes["vocab"],
        n_embd=sizes["embd"],
        n_layer=sizes["layers"],
        block_size=sizes["block"],
        std=sizes["std"],
        **given,
    )
    return _matrices(state)


def _entries(state: dict[str, list[list[kit.Node]]]) -> list[kit.Node]:
    """All Values of a state, in its order."""
    return [one for matrix in state.values() for row in matrix for one in row]


def _data(state: dict[str, list[list[kit.Node]]]) -> list[float]:
    """All numbers of a state, in its order."""
    return [kit.data(one, "an entry of the state") for one in _entries(state)]


def shapes(sizes: Sizes) -> dict[str, list[int]]:
    """Name -> the lengths of the rows of each matrix of a fresh state."""
    return {name: [len(row) for row in matrix] for name, matrix in _init(sizes, random.Random(1)).items()}


def default_state(vocab_size: int, seed: int) -> dict[str, Any]:
    """Of a state with all default sizes: how many rows of which length, the sum of the numbers, and the last one."""
    state = _matrices(embedding.init_state(vocab_size, rng=random.Random(seed)))
    found = _data(state)
    return {
        "shapes": {name: [len(matrix), *sorted({len(row) for row in matrix})] for name, matrix in state.items()},
        "sum": sum(found),
        "last": found[-1:],
    }


def numbers(sizes: Sizes) -> list[float]:
    """The numbers of a fresh state."""
    return _data(_init(sizes, random.Random(sizes["seed"])))


def generator(sizes: Sizes, drawn: int) -> dict[str, list[float]]:
    """The first number of a fresh state, whose generator gave `drawn` others before, and what it gives afterwards."""
    rng = random.Random(sizes["seed"])
    for _ in range(drawn):
        rng.gauss(0, 1)
    return {"first": _data(_init(sizes, rng))[:1], "next": [rng.gauss(0, 1), rng.random()]}


def numbers_by_place(vocab: int, embd: int, layers: int, block: int, std: float, seed: int) -> list[float]:
    """The numbers of a fresh state whose arguments are given in their places."""
    return _data(_matrices(embedding.init_state(vocab, embd, layers, block, std, random.Random(seed))))


def entries(sizes: Sizes) -> dict[str, Any]:
    """How many entries a fresh state has, how many Values these are, and how many have children or a gradient."""
    found = _entries(_init(sizes, random.Random(2)))
    return {
        "entries": len(found),
        "values": len({id(one) for one in found}),
        "with children": sum(bool(kit.edges(one, "an entry of the state")) for one in found),
        "with gradient": sum(kit.grad(one, "an entry of the state") != 0 for one in found),
    }


def without_generator(sizes: Sizes, seed: int) -> dict[str, Any]:
    """The numbers of a state of no given generator, and the next ones of the module's own, which had this seed."""
    before = random.getstate()
    try:
        random.seed(seed)
        found = _data(_init(sizes, None))
        return {"state": found, "next": [random.gauss(0, 1), random.random()]}
    finally:
        random.setstate(before)


def _given(sizes: Sizes) -> dict[str, list[list[kit.Node]]]:
    """A state of fresh Values that the learner's init_state has no part in."""
    return {name: [kit.leaves(row) for row in matrix] for name, matrix in kit_gpt.state(sizes).items()}


def places_of_parameters(sizes: Sizes) -> list[int]:
    """For each of the parameters its place among the state's own Values, in the state's order; -1: not one of them."""
    state = _given(sizes)
    place = {id(one): i for i, one in enumerate(_entries(state))}
    return [place.get(id(one), -1) for one in kit.nodes(embedding.parameters(state), None, "parameters()")]


def _embed(state: dict[str, list[list[kit.Node]]], sizes: Sizes, token_id: int, pos_id: int) -> list[kit.Node]:
    """embed of two ids, one Value for each column."""
    return kit.nodes(embedding.embed(state, token_id, pos_id), sizes["embd"], "embed()")


def embedded(sizes: Sizes, token_id: int, pos_id: int) -> list[float]:
    """The numbers that embed gives."""
    return [kit.data(one, f"embed()[{i}]") for i, one in enumerate(_embed(_given(sizes), sizes, token_id, pos_id))]


def named_embedded(sizes: Sizes, token_id: int, pos_id: int) -> list[float]:
    """The numbers that embed gives, its arguments given by name."""
    found = embedding.embed(pos_id=pos_id, token_id=token_id, state=_given(sizes))
    found = kit.nodes(found, sizes["embd"], "embed()")
    return [kit.data(one, f"embed()[{i}]") for i, one in enumerate(found)]


def state_afterwards(sizes: Sizes, token_id: int, pos_id: int) -> dict[str, Any]:
    """What has become of the tables after a call of embed: whose Values stand where, and what these hold."""
    state = _given(sizes)
    before = {name: [list(row) for row in state[name]] for name in ("wte", "wpe")}
    embedding.embed(state, token_id, pos_id)
    place = {id(one): i for i, one in enumerate(_entries(before))}
    return {
        "places": [[place.get(id(one), -1) for one in row] for name in before for row in state[name]],
        "data": _data(before),
    }


def embed_gradients(sizes: Sizes, ids: list[list[int]], weights: list[list[float]]) -> dict[str, Any]:
    """Gradients by both tables of all embeddings of `ids`, weighted and added up, and how many others there are."""
    state = _given(sizes)
    terms = [
        one * weight
        for (token_id, pos_id), row in zip(ids, weights, strict=True)
        for one, weight in zip(_embed(state, sizes, token_id, pos_id), row, strict=True)
    ]
    backward.backward(sum(terms[1:], terms[0]))
    grads = {
        name: [[kit.grad(one, f"an entry of {name} after backward()") for one in row] for row in matrix]
        for name, matrix in state.items()
    }
    tables = {name: grads.pop(name) for name in ("wte", "wpe")}
    return {**tables, "others": sum(grad != 0 for matrix in grads.values() for row in matrix for grad in row)}
