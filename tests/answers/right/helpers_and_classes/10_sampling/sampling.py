"""Step 10 with a wheel of fortune."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator

from adam import Caches
from gpt import gpt


class Wheel:
    """Sectors of the circle, one for each weight."""

    def __init__(self, weights: list[float]) -> None:
        self.weights = weights

    def stop(self, turn: float) -> int:
        left = turn * math.fsum(self.weights)
        chosen = 0
        for i, weight in enumerate(self.weights):
            if weight > 0:
                chosen = i
                if left < weight:
                    break
                left -= weight
        return chosen


def sample(logits: list[float], temperature: float, rng: random.Random) -> int:
    if math.copysign(1, temperature) < 0 and temperature:
        raise ValueError(f"{temperature=}")
    best = max(logits)
    if temperature == 0:
        return logits.index(best)
    return Wheel([math.exp((logit - best) / temperature) for logit in logits]).stop(rng.random())


class Writer:
    def __init__(self, state, tokenizer, temperature, rng, n_head) -> None:
        self.state, self.tokenizer, self.temperature, self.n_head = state, tokenizer, temperature, n_head
        self.rng = rng or random.Random()

    def __iter__(self) -> Iterator[int]:
        caches, token = Caches(self.state), self.tokenizer.bos
        for position in range(len(self.state["wpe"])):
            logits = gpt(self.state, token, position, caches.keys, caches.values, self.n_head)
            token = sample([logit.data for logit in logits], self.temperature, self.rng)
            if token == self.tokenizer.bos:
                return
            yield token


def generate(state, tokenizer, temperature=0.5, rng=None, max_len=None, n_head=4):
    writer = Writer(state, tokenizer, temperature, rng, n_head)
    letters = []
    if max_len == 0:
        return ""
    for token in writer:
        letters.append(token)
        if len(letters) == max_len:
            break
    return tokenizer.decode(letters)
