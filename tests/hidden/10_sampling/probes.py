"""What 10_sampling is asked: tokens drawn with given random numbers, and names generated from given states.

Untrusted side: runs in the worker, beside the learner's modules. Imports the standard library, the kits and the modules
of steps 05, 08 and 10 only. Big states travel as sizes.
"""

from __future__ import annotations

import random
from typing import Any

import gpt
import kit
import kit_gpt
import sampling
import tokenizer


class Script(random.Random):
    """Gives the numbers of a list in place of random ones, then 0.5 for ever; counts."""

    def __init__(self, numbers: list[float]) -> None:
        super().__init__(0)
        self.numbers = numbers
        self.count = 0

    def random(self) -> float:
        """The next number."""
        self.count += 1
        return self.numbers[self.count - 1] if self.count <= len(self.numbers) else 0.5


def _id(thing: object) -> int:
    """What sample returned: an int, exactly."""
    if type(thing) is not int:
        raise kit.WrongAnswer(f"sample() returned {kit.kind(thing)}; it must return an int")
    return thing


def _text(thing: object) -> str:
    """What generate returned: a str, exactly."""
    if type(thing) is not str:
        raise kit.WrongAnswer(f"generate() returned {kit.kind(thing)}; it must return a str")
    return thing


# One token


def draws(logits: list[float], temperature: float, numbers: list[float]) -> list[int]:
    """The token of each random number, one call each."""
    return [_id(sampling.sample(list(logits), temperature, Script([u]))) for u in numbers]


def one(logits: list[float], temperature: float, seed: int) -> int:
    """One token, arguments by name."""
    return _id(sampling.sample(rng=random.Random(seed), temperature=temperature, logits=list(logits)))


def stream(logits: list[float], temperature: float, seed: int, count: int) -> dict[str, Any]:
    """Several tokens from one generator, and its next number after each."""
    rng, ids, following = random.Random(seed), [], []
    for _ in range(count):
        ids.append(_id(sampling.sample(list(logits), temperature, rng)))
        ahead = random.Random()
        ahead.setstate(rng.getstate())
        following.append(ahead.random())
    return {"ids": ids, "following": following}


def numbers_drawn(logits: list[float], temperature: float, numbers: list[float]) -> list[int]:
    """How often each call asks for a random number."""
    scripts = [Script([u]) for u in numbers]
    for script in scripts:
        _id(sampling.sample(list(logits), temperature, script))
    return [script.count for script in scripts]


def logits_after(logits: list[float], temperatures: list[float]) -> list[float]:
    """The caller's list of logits after a token was drawn at each temperature."""
    given = list(logits)
    for temperature in temperatures:
        sampling.sample(given, temperature, random.Random(5))
    return [kit.number(x, "a logit after sample()") for x in given]


# Names


def _state(sizes: dict[str, Any]) -> dict[str, list[list[kit.Node]]]:
    """A state of fresh Values."""
    return {name: [kit.leaves(row) for row in matrix] for name, matrix in kit_gpt.state(sizes).items()}


def _tokenizer(sizes: dict[str, Any]) -> Any:
    """One of the letters a, b, c, ... that makes up the vocabulary."""
    return tokenizer.Tokenizer([chr(97 + i) for i in range(sizes["vocab"] - 1)])


def scripted(sizes: dict[str, Any], numbers: list[float], temperature: float, max_len: int | None, n_head: int) -> str:
    """The name that these random numbers make."""
    return _text(sampling.generate(_state(sizes), _tokenizer(sizes), temperature, Script(numbers), max_len, n_head))


def named(sizes: dict[str, Any], numbers: list[float], given: dict[str, Any]) -> str:
    """The same, arguments by name; what `given` leaves out has its default."""
    known = _tokenizer(sizes)
    return _text(sampling.generate(state=_state(sizes), tokenizer=known, rng=Script(numbers), **given))


def names(sizes: dict[str, Any], seed: int, temperature: float, n_head: int, count: int) -> list[str]:
    """Several names in a row from one state and one generator."""
    state, known, rng = _state(sizes), _tokenizer(sizes), random.Random(seed)
    return [_text(sampling.generate(state, known, temperature, rng, None, n_head)) for _ in range(count)]


def same_seed(sizes: dict[str, Any], seed: int, n_head: int, count: int) -> list[str]:
    """One name, from one state and generators of the same seed, several times."""
    state, known = _state(sizes), _tokenizer(sizes)
    return [
        _text(sampling.generate(state, known, rng=random.Random(seed), n_head=n_head, temperature=1.0))
        for _ in range(count)
    ]


def state_after(sizes: dict[str, Any], seed: int, n_head: int) -> dict[str, list[list[float]]]:
    """The parameters after a name was generated."""
    state = _state(sizes)
    _text(sampling.generate(state, _tokenizer(sizes), 1.0, random.Random(seed), None, n_head))
    return {name: [[kit.data(x, "a parameter") for x in row] for row in matrix] for name, matrix in state.items()}


def by_itself(sizes: dict[str, Any], count: int) -> list[str]:
    """Names without a generator given, at a temperature of 1."""
    state, known = _state(sizes), _tokenizer(sizes)
    return [_text(sampling.generate(state, known, 1.0, n_head=4)) for _ in range(count)]


def logits(sizes: dict[str, Any], tokens: list[int], n_head: int) -> list[list[float]]:
    """What gpt says at each of these positions."""
    state = _state(sizes)
    keys: list[list[Any]] = [[] for _ in range(sizes["layers"])]
    values: list[list[Any]] = [[] for _ in range(sizes["layers"])]
    return [
        [kit.data(x, "gpt()") for x in gpt.gpt(state, token, place, keys, values, n_head)]
        for place, token in enumerate(tokens)
    ]
