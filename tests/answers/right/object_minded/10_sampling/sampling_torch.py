"""Step 10 on tensors."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from gpt_torch import gpt
from softmax_torch import softmax
from tokenizer_torch import Tokenizer
from torch import Generator, Tensor


class Sampler:
    """Picks tokens at a temperature."""

    def __init__(self, temperature: float, generator: Generator | None = None) -> None:
        if temperature < 0:
            raise ValueError(f"a temperature of {temperature}")
        self.temperature = temperature
        self.generator = generator

    @property
    def greedy(self) -> bool:
        return self.temperature == 0

    def pick(self, logits: Tensor) -> int:
        return self._highest(logits) if self.greedy else self._drawn(logits)

    @staticmethod
    def _highest(logits: Tensor) -> int:
        scores = logits.tolist()
        return max(range(len(scores)), key=scores.__getitem__)  # max returns the first one

    def _drawn(self, logits: Tensor) -> int:
        """Gumbel's way: the highest logit after adding -ln(-ln u), for a u of its own to each."""
        probabilities = softmax((logits - logits.max()).double() / self.temperature)
        possible = probabilities > 0
        u = torch.rand(len(logits), dtype=torch.float64, generator=self.generator)
        u = u.clamp_(min=torch.finfo(torch.float64).tiny)
        noisy = probabilities.log() - (-u.log()).log()
        return int(noisy.masked_fill(~possible, -torch.inf).argmax())


def sample(logits: Tensor, temperature: float, generator: Generator | None = None) -> int:
    """A token id, drawn from softmax(logits / temperature) with `generator` (None: torch's global one)."""
    return Sampler(temperature, generator).pick(logits)


class Writer:
    """Writes one name."""

    def __init__(self, state: dict[str, Tensor], bos: int, sampler: Sampler, n_head: int) -> None:
        self.state, self.bos, self.sampler, self.n_head = state, bos, sampler, n_head
        self.context = [bos]

    @property
    def block_size(self) -> int:
        return len(self.state["wpe"])

    def tokens(self, limit: int) -> Iterator[int]:
        while len(self.context) <= limit:
            logits = gpt(self.state, torch.tensor(self.context).unsqueeze(0), self.n_head)
            token = self.sampler.pick(logits.squeeze(0)[-1])
            if token == self.bos:
                return
            self.context.append(token)
            yield token


@torch.inference_mode()
def generate(
    state: dict[str, Tensor],
    tokenizer: Tokenizer,
    temperature: float = 0.5,
    generator: Generator | None = None,
    max_len: int | None = None,
    n_head: int = 4,
) -> str:
    """A new name: from BOS on, each token is sampled from the model's logits after everything so far."""
    writer = Writer(state, tokenizer.bos, Sampler(temperature, generator), n_head)
    limit = writer.block_size if max_len is None else min(max_len, writer.block_size)
    return tokenizer.decode(list(writer.tokens(limit)))
