"""What the hidden tests of 10_sampling ask of `sampling_torch.py`. Untrusted side: runs beside the learner's module."""

from __future__ import annotations

import struct
from typing import Any

import kit_torch  # before any learner code: it notes the settings of an untouched process

# isort: split
import gpt_torch
import kit_gpt_torch
import sampling_torch
import softmax_torch
import tokenizer_torch
import torch
from torch import Generator, Tensor

# Where torch's generator keeps the 624 words of its Mersenne twister: 8 bytes each, from here on; the place of the next
# one is the 8 bytes before. The word ONES comes out as 32 bits of 1, and 0 as 0.
WORDS = 24
ONES = 0x12DD9BB3


def _generator(seed: int) -> Generator:
    return Generator().manual_seed(seed)


def _sample(logits: Tensor, temperature: float, generator: Generator | None) -> int:
    """sample, with `generator` left out for None."""
    extra = {} if generator is None else {"generator": generator}
    found = sampling_torch.sample(logits, temperature, **extra)
    if type(found) is not int:
        raise kit_torch.WrongAnswer(f"sample() returned {kit_torch.kind(found)}; it must return an int")
    return found


def _rewind() -> Tensor:
    """Bring torch's own generator back to where it was at the start: draws without a generator may move it."""
    state = torch.tensor(kit_torch.AT_START["the state of torch's random generator"], dtype=torch.uint8)
    torch.set_rng_state(state)
    return state


def draws(given: dict[str, Any], temperature: float, seed: int, count: int) -> list[int]:
    """So many draws from one generator; None in place of a seed: without a generator."""
    logits = kit_torch.build(given)
    generator = None if seed is None else _generator(seed)
    return [_sample(logits, temperature, generator) for _ in range(count)]


def edges(given: dict[str, Any], temperature: float, seed: int) -> list[int]:
    """A draw from a generator whose next 32 random bits are all 0, and one from a generator whose next 64 are all 1."""
    return [_sample(kit_torch.build(given), temperature, _edge(seed, words)) for words in ((0,), (ONES, ONES))]


def _edge(seed: int, words: tuple[int, ...]) -> Generator:
    """A generator that gives these words and goes on as ever."""
    made = _generator(seed)
    torch.rand((), generator=made)  # now 623 words are ready
    state = bytearray(made.get_state().tolist())
    (place,) = struct.unpack_from("<Q", state, WORDS - 8)
    if place != 1:  # a version of torch that keeps them elsewhere: an ordinary generator, which proves less
        return made
    struct.pack_into(f"<{len(words)}Q", state, WORDS + 8 * place, *words)
    made.set_state(torch.tensor(list(state), dtype=torch.uint8))
    return made


def sum_of(given: dict[str, Any]) -> float:
    """The probabilities added up, one after the other, in the precision of the logits."""
    return softmax_torch.softmax(kit_torch.build(given)).cumsum(0)[-1].item()


def sources(given: dict[str, Any], temperature: float, seed: int, count: int) -> dict[str, Any]:
    """Draws from the same source twice, with a generator and without, and whether torch's own generator moved."""
    at_start = _rewind()
    with_generator = [draws(given, temperature, seed, count) for _ in range(2)]
    still = torch.equal(torch.get_rng_state(), at_start)
    without = []
    for _ in range(2):
        torch.manual_seed(seed)
        without.append(draws(given, temperature, None, count))
    torch.manual_seed(seed)
    moved = draws(given, temperature, None, 1) and not torch.equal(torch.get_rng_state(), _generator(seed).get_state())
    torch.set_rng_state(at_start)
    return {"given": with_generator, "global": without, "still": still, "moved": moved}


def inputs(given: dict[str, Any], temperatures: list[float], seed: int) -> dict[str, Any]:
    """What is left of the logits after draws at these temperatures, and the settings that are not as they were."""
    logits, generator, _ = kit_torch.build(given), _generator(seed), _rewind()
    for temperature in temperatures:
        _sample(logits, temperature, generator)
    return {
        "logits": kit_torch.plain(logits, "the logits"),
        "version": logits._version,
        "settings": kit_torch.changed(),
    }


def _text(state: dict[str, Tensor], docs: list[str], case: dict[str, Any]) -> str:
    """generate with the arguments that the case names; a seed becomes a generator."""
    extra = {name: case[name] for name in ("temperature", "max_len", "n_head") if name in case}
    if "seed" in case:
        extra["generator"] = _generator(case["seed"])
    found = sampling_torch.generate(state, tokenizer_torch.Tokenizer(docs), **extra)
    if type(found) is not str:
        raise kit_torch.WrongAnswer(f"generate() returned {kit_torch.kind(found)}; it must return a str")
    return found


def text(sizes: dict[str, Any], docs: list[str], case: dict[str, Any]) -> str:
    """What generate makes of a random state that requires gradients."""
    return _text(kit_gpt_torch.state(sizes), docs, case)


def going_on(sizes: dict[str, Any], docs: list[str]) -> str:
    """The greedy text of a state if BOS did not end it: `block` tokens, of which BOS is not shown."""
    state, tokenizer = kit_gpt_torch.state(sizes), tokenizer_torch.Tokenizer(docs)
    tokens = [tokenizer.bos]
    for _ in range(sizes["block"]):
        with torch.no_grad():
            tokens.append(int(gpt_torch.gpt(state, torch.tensor([tokens]), 4)[0, -1].argmax()))
    return tokenizer.decode(tokens)


def greedy_gap(sizes: dict[str, Any], docs: list[str], n_head: int) -> float:
    """How far the best logit is ahead of the second, where it is least, along the greedy text."""
    state, tokenizer = kit_gpt_torch.state(sizes), tokenizer_torch.Tokenizer(docs)
    tokens, gaps = [tokenizer.bos], []
    while len(tokens) <= sizes["block"] and (len(tokens) == 1 or tokens[-1] != tokenizer.bos):
        with torch.no_grad():
            best = gpt_torch.gpt(state, torch.tensor([tokens]), n_head)[0, -1].topk(2)
        gaps.append((best.values[0] - best.values[1]).item())
        tokens.append(int(best.indices[0]))
    return min(gaps)


def around(sizes: dict[str, Any], docs: list[str], case: dict[str, Any]) -> dict[str, Any]:
    """The texts made twice from one seed and once of torch's own generator, and what is there afterwards."""
    state, at_start = kit_gpt_torch.state(sizes), _rewind()
    texts = [_text(state, docs, case) for _ in range(2)]
    still = torch.equal(torch.get_rng_state(), at_start)
    unseeded = {name: value for name, value in case.items() if name != "seed"}
    for _ in range(2):
        torch.manual_seed(case["seed"])
        texts.append(_text(state, docs, unseeded))
    torch.set_rng_state(at_start)
    untouched = kit_gpt_torch.state(sizes)
    return {
        "texts": texts,
        "still": still,
        "state": [torch.equal(matrix, untouched[name]) for name, matrix in state.items()],
        "grads": [matrix.grad is None and matrix.requires_grad for matrix in state.values()],
        "settings": kit_torch.changed(),
    }
