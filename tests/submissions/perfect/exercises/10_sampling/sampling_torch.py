"""Step 10 on tensors: inventing names.

The model gives logits, softmax makes them probabilities, and a random number picks a token: lay the probabilities side
by side on a line from 0 to 1 and see into which one a point u, drawn evenly, falls. The token is appended, and the
model is asked again with everything so far, until it says BOS.

A temperature T sharpens or flattens the distribution, softmax(logits / T): below 1 the likely becomes likelier, above 1
the unlikely gets its chance, and in the limit of 0 only the highest logit is left.
"""

import torch
from gpt_torch import gpt
from softmax_torch import softmax
from tokenizer_torch import Tokenizer
from torch import Generator, Tensor


def sample(logits: Tensor, temperature: float, generator: Generator | None = None) -> int:
    """A token id, drawn from softmax(logits / temperature) with `generator` (None: torch's global one).

    logits: (V,). A token of probability 0 is never drawn. Temperature 0 returns the place of the highest logit, the
    first one of several. ValueError: the temperature is negative.
    """
    if temperature < 0:
        raise ValueError(f"the temperature must not be negative, as {temperature} is")
    if temperature == 0:
        return int((logits == logits.max()).nonzero()[0])
    borders = softmax((logits - logits.max()) / temperature).cumsum(0)  # (V,): p_0 + ... + p_i
    u = torch.rand((), dtype=borders.dtype, generator=generator) * borders[-1]
    return int(torch.searchsorted(borders, u, right=True))  # the smallest i with u < borders[i]


@torch.no_grad()
def generate(
    state: dict[str, Tensor],
    tokenizer: Tokenizer,
    temperature: float = 0.5,
    generator: Generator | None = None,
    max_len: int | None = None,
    n_head: int = 4,
) -> str:
    """A new name: from BOS on, each token is sampled from the model's logits after everything so far.

    It ends when BOS is drawn, or with min(max_len, block_size) characters.
    """
    block_size = len(state["wpe"])
    tokens = [tokenizer.bos]
    for _ in range(block_size if max_len is None else min(max_len, block_size)):
        logits = gpt(state, torch.tensor([tokens]), n_head)[0, -1]  # (V,)
        tokens.append(sample(logits, temperature, generator))
        if tokens[-1] == tokenizer.bos:
            break
    return tokenizer.decode(tokens)
