"""Trains the learner's own model step by step, so that it can stop, be kept in a file, and go on.

Used by microgpt.py. May import the standard library; torch for the torch track. The modules of the ten steps are the
learner's own, imported by their bare names when they are needed.

The loop is the one of step 09, with the pieces of step 09. It stands here once more because `train` cannot be stopped
in the middle and continued.
"""

from __future__ import annotations

import gc
import importlib
import json
import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from runner.modules import Problem, typed

FORMAT = "microgpt 1"
N_EMBD, N_HEAD, N_LAYER, BLOCK_SIZE = 16, 4, 1, 16
LEARNING_RATE = 0.01


class Pure:
    """The pure track. A state is a dict of rows of Values."""

    name = "pure"
    suffix = ""

    def new(self, vocab_size: int, rng: random.Random) -> dict:
        return _module("embedding").init_state(vocab_size, N_EMBD, N_LAYER, BLOCK_SIZE, rng=rng)

    def state(self, numbers: dict[str, list[list[float]]]) -> dict:
        value = _module("value").Value
        return {name: [[value(x) for x in row] for row in rows] for name, rows in numbers.items()}

    def numbers(self, state: dict) -> dict[str, list[list[float]]]:
        return {name: [[float(value.data) for value in row] for row in rows] for name, rows in state.items()}

    def tokenizer(self, docs: list[str]) -> Any:
        return _module("tokenizer").Tokenizer(docs)

    def optimizer(self, state: dict) -> Any:
        return _module("adam").Adam(_module("embedding").parameters(state), LEARNING_RATE)

    def step(self, state: dict, optimizer: Any, docs: list[str], tokenizer: Any, rate: float) -> float:
        """One step on one document; its loss."""
        adam = _module("adam")
        optimizer.zero_grad()
        loss = adam.doc_loss(state, tokenizer.encode(docs[0]), N_HEAD)
        _module("backward").backward(loss)
        optimizer.step(rate)
        return float(loss.data)

    def invent(self, state: dict, tokenizer: Any, temperature: float, seed: int, count: int) -> Iterable[str]:
        rng = random.Random(seed)
        for _ in range(count):
            yield _module("sampling").generate(state, tokenizer, temperature, rng, n_head=N_HEAD)

    def looks(self, state: dict, tokens: list[int]) -> list[list[list[float]]]:
        """weights[head][t][s]: how much position t looks at position s; positions after t are left out.

        `attention` keeps its weights to itself. With the identity for wo, the first number of a head is the sum of
        a_s v_s, so its derivative by v_s is a_s, and backward writes it into the value that was handed over.
        """
        value, norm = _module("value").Value, _module("layers").rmsnorm
        wq, wk, wv = (state[f"layer0.attn_{matrix}"] for matrix in ("wq", "wk", "wv"))
        identity = [[value(float(i == j)) for j in range(N_EMBD)] for i in range(N_EMBD)]
        keys: list = []
        values: list = []
        weights: list[list[list[float]]] = [[] for _ in range(N_HEAD)]
        for position, token in enumerate(tokens):
            x = norm(norm(_module("embedding").embed(state, token, position)))
            out = _module("attention").attention(x, keys, values, wq, wk, wv, identity, N_HEAD)
            for head, first in enumerate(range(0, N_EMBD, N_EMBD // N_HEAD)):
                _module("backward").backward(out[first])
                weights[head].append([float(v[first].grad) for v in values])
        return weights


class Torch:
    """The torch track. A state is a dict of tensors."""

    name = "torch"
    suffix = "_torch"

    def __init__(self) -> None:
        try:
            import torch
        except ImportError:
            raise Problem("PyTorch is not installed", 'pip install "torch>=2.6,<2.14"') from None
        torch.set_num_threads(1)  # the tensors are small: more threads only cost
        self.torch = torch

    def new(self, vocab_size: int, rng: random.Random) -> dict:
        generator = self.torch.Generator().manual_seed(rng.getrandbits(32))
        return _module("embedding_torch").init_state(vocab_size, N_EMBD, N_LAYER, BLOCK_SIZE, generator=generator)

    def state(self, numbers: dict[str, list[list[float]]]) -> dict:
        return {name: self.torch.tensor(rows, requires_grad=True) for name, rows in numbers.items()}

    def numbers(self, state: dict) -> dict[str, list[list[float]]]:
        return {name: tensor.detach().tolist() for name, tensor in state.items()}

    def tokenizer(self, docs: list[str]) -> Any:
        return _module("tokenizer_torch").Tokenizer(docs)

    def optimizer(self, state: dict) -> Any:
        return _module("adam_torch").Adam(_module("embedding_torch").parameters(state), LEARNING_RATE)

    def step(self, state: dict, optimizer: Any, docs: list[str], tokenizer: Any, rate: float) -> float:
        """One step on a batch; its loss."""
        inputs, targets = _module("tokenizer_torch").make_batch(docs, tokenizer, BLOCK_SIZE)
        optimizer.zero_grad()
        loss = _module("adam_torch").batch_loss(state, inputs, targets, N_HEAD)
        loss.backward()
        optimizer.step(rate)
        return loss.item()

    def invent(self, state: dict, tokenizer: Any, temperature: float, seed: int, count: int) -> Iterable[str]:
        generator = self.torch.Generator().manual_seed(seed)
        for _ in range(count):
            yield _module("sampling_torch").generate(state, tokenizer, temperature, generator, n_head=N_HEAD)

    def looks(self, state: dict, tokens: list[int]) -> list[list[list[float]]]:
        """weights[head][t][s]: how much position t looks at position s; positions after t are left out.

        `attention` keeps its weights to itself. With a wv by which position s hands over 1 and every other one 0, and
        the identity for wo, what arrives at position t is the weight. Such a wv exists for up to C positions: its rows
        are columns of the pseudoinverse of the vectors at the positions.
        """
        torch, norm = self.torch, _module("layers_torch").rmsnorm
        state = {name: tensor.detach().double() for name, tensor in state.items()}
        x = norm(norm(_module("embedding_torch").embed(state, torch.tensor([tokens]))))  # (1, T, C)
        identity = torch.eye(N_EMBD, dtype=x.dtype)
        weights: list[list[list[float]]] = [[[] for _ in tokens] for _ in range(N_HEAD)]
        for s, sender in enumerate(torch.linalg.pinv(x[0]).T):  # (C,) each
            wv = sender.expand_as(identity)
            wq, wk = state["layer0.attn_wq"], state["layer0.attn_wk"]
            out = _module("attention_torch").attention(x, wq, wk, wv, identity, N_HEAD)[0]  # (T, C)
            for head, first in enumerate(range(0, N_EMBD, N_EMBD // N_HEAD)):
                for t in range(s, len(tokens)):
                    weights[head][t].append(min(1.0, max(0.0, out[t, first].item())))  # without the rounding of pinv
        return weights


def track(name: str) -> Pure | Torch:
    return Torch() if name == "torch" else Pure()


def _module(name: str) -> Any:
    return importlib.import_module(name)


class Run:
    """One training from its first step to its last, as far as it has come."""

    def __init__(self, settings: dict[str, Any], docs: list[str]) -> None:
        """A fresh run. settings: track, steps, batch_size, names, seed (shuffles `docs`, then draws the state)."""
        self.settings = settings
        self.track = track(settings["track"])
        rng = random.Random(settings["seed"])
        self.docs = list(docs)
        rng.shuffle(self.docs)
        self.tokenizer = self.track.tokenizer(self.docs)
        self.state = self.track.new(self.tokenizer.vocab_size, rng)
        self.optimizer = self.track.optimizer(self.state)
        self.losses: list[float] = []

    @property
    def done(self) -> int:
        return len(self.losses)

    def step(self) -> None:
        """The next step. Every tenth one lets Python look for rings of objects, which a graph need not have."""
        batch, total = self.settings["batch_size"], self.settings["steps"]
        docs = [self.docs[(self.done * batch + i) % len(self.docs)] for i in range(batch)]
        rate = _module(f"adam{self.track.suffix}").linear_decay(LEARNING_RATE, self.done, total)
        self.losses.append(self.track.step(self.state, self.optimizer, docs, self.tokenizer, rate))
        if self.done % 10 == 0:
            gc.collect()

    def save(self, file: Path) -> None:
        """Write everything to `file`, which holds either the old or the new state at any time."""
        parameters = _module(f"embedding{self.track.suffix}").parameters(self.state)
        kept = {
            "format": FORMAT,
            "settings": self.settings,
            "chars": list(self.tokenizer.chars),
            "losses": self.losses,
            "optimizer": memory(self.optimizer, parameters),
            "state": self.track.numbers(self.state),
        }
        file.parent.mkdir(parents=True, exist_ok=True)
        temporary = file.with_suffix(".part")
        temporary.write_text(json.dumps(kept), encoding="utf-8")
        temporary.replace(file)

    def resume(self, kept: dict[str, Any]) -> bool:
        """Go on from what `save` wrote. False: the optimizer's running averages were not kept and start anew."""
        self.state = self.track.state(kept["state"])
        self.optimizer = self.track.optimizer(self.state)
        self.losses = list(kept["losses"])
        parameters = _module(f"embedding{self.track.suffix}").parameters(self.state)
        return recall(self.optimizer, parameters, kept["optimizer"])


def read(file: Path) -> dict[str, Any]:
    """What `save` wrote. Problem: it is not there, or something else."""
    if not file.is_file():
        raise Problem(f"there is no trained model: {file} is missing", typed("train"))
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
        if kept["format"] != FORMAT:
            raise KeyError
    except (ValueError, KeyError, TypeError):
        raise Problem(f"{file} is not a model that microgpt.py has written", typed("train")) from None
    return kept


# What an optimizer remembers between steps, as plain data. It is the learner's own class, so its attributes are looked
# at one by one: those that existed before the parameters did (settings) and the parameters themselves are left alone.


def memory(optimizer: Any, parameters: list) -> dict[str, Any] | None:
    """Numbers, lists of numbers and tensors among the optimizer's attributes; None if it keeps anything else."""
    try:
        kept = {name: _plain(thing) for name, thing in _attributes(optimizer, parameters).items()}
        if hasattr(optimizer, "param_groups"):
            kept["state"] = [_plain(optimizer.state.get(p, {})) for p in parameters]
        return kept
    except TypeError:
        return None


def recall(optimizer: Any, parameters: list, kept: dict[str, Any] | None) -> bool:
    """Put back what `memory` kept. False: there is nothing."""
    if kept is None:
        return False
    for name, thing in kept.items():
        if name == "state" and hasattr(optimizer, "param_groups"):
            for p, of_one in zip(parameters, thing, strict=True):
                if of_one:
                    optimizer.state[p] = _alive(of_one)
        else:
            setattr(optimizer, name, _alive(thing))
    return True


def _attributes(optimizer: Any, parameters: list) -> dict[str, Any]:
    own = dict(vars(optimizer))
    if hasattr(optimizer, "param_groups"):  # a torch optimizer: what the base class has is its own business
        import torch

        for name in vars(torch.optim.Optimizer([torch.zeros(())], {})):
            own.pop(name, None)
    places = {id(p) for p in parameters}

    def holds_parameters(thing: Any) -> bool:
        return isinstance(thing, list | tuple) and any(id(item) in places for item in thing)

    return {name: thing for name, thing in own.items() if not holds_parameters(thing)}


def _plain(thing: Any) -> Any:
    """TypeError: `thing` is not made of numbers, lists, dicts and tensors."""
    if thing is None or isinstance(thing, bool | int | float | str):
        return thing
    if isinstance(thing, list):
        return [_plain(item) for item in thing]
    if isinstance(thing, tuple):
        return {"tuple": [_plain(item) for item in thing]}
    if isinstance(thing, dict) and all(isinstance(key, str) for key in thing):
        return {"dict": {key: _plain(item) for key, item in thing.items()}}
    if type(thing).__name__ == "Tensor":
        return {"tensor": thing.tolist(), "dtype": str(thing.dtype).removeprefix("torch.")}
    raise TypeError


def _alive(kept: Any) -> Any:
    """What `_plain` was given."""
    if isinstance(kept, list):
        return [_alive(item) for item in kept]
    if not isinstance(kept, dict):
        return kept
    if "tuple" in kept:
        return tuple(_alive(item) for item in kept["tuple"])
    if "dict" in kept:
        return {key: _alive(item) for key, item in kept["dict"].items()}
    import torch

    return torch.tensor(kept["tensor"], dtype=getattr(torch, kept["dtype"]))
