"""Step 10: inventing names.

The model gives logits, softmax makes them probabilities, and a random number picks a token: lay the probabilities side
by side on a line from 0 to 1 and see into which one a point u, drawn evenly, falls. The token is appended, the model
asked again, until it says BOS.

A temperature T sharpens or flattens the distribution, softmax(logits / T): below 1 the likely becomes likelier, above 1
the unlikely gets its chance, and in the limit of 0 only the highest logit is left.
"""

import math
import random
from itertools import accumulate

from gpt import gpt
from tokenizer import Tokenizer
from value import Value


def sample(logits: list[float], temperature: float, rng: random.Random) -> int:
    """A token id: one `rng.random()` u is drawn, and the smallest i with u < p_0 + ... + p_i is returned.

    p is softmax(logits / temperature). Temperature 0 returns the place of the highest logit, the first one of several.
    ValueError: the temperature is negative.
    """
    if temperature < 0:
        raise ValueError(f"the temperature must not be negative, as {temperature} is")
    highest = max(logits)
    if temperature == 0:
        return logits.index(highest)
    weights = [math.exp((logit - highest) / temperature) for logit in logits]
    borders = list(accumulate(weights))  # p_0 + ... + p_i, but for a factor: the sum of all weights
    u = rng.random() * borders[-1]
    return next(i for i, border in enumerate(borders) if u < border)


def generate(
    state: dict[str, list[list[Value]]],
    tokenizer: Tokenizer,
    temperature: float = 0.5,
    rng: random.Random | None = None,
    max_len: int | None = None,
    n_head: int = 4,
) -> str:
    """A new name: from BOS on, each token is sampled and fed to the model at the next position.

    It ends when BOS is drawn, or with min(max_len, block_size) characters.
    rng: without one, a generator of this call's own.
    """
    if rng is None:
        rng = random.Random()
    block_size = len(state["wpe"])
    n_layer = sum(name.endswith("attn_wq") for name in state)
    keys = [[] for _ in range(n_layer)]
    values = [[] for _ in range(n_layer)]
    tokens = [tokenizer.bos]
    for pos_id in range(block_size if max_len is None else min(max_len, block_size)):
        logits = gpt(state, tokens[-1], pos_id, keys, values, n_head)
        tokens.append(sample([logit.data for logit in logits], temperature, rng))
        if tokens[-1] == tokenizer.bos:
            break
    return tokenizer.decode(tokens)
