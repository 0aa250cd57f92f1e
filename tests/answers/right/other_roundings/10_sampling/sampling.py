"""Step 10 from the other end of the line: what is left above u."""

import math
import random

from gpt import gpt


def sample(logits, temperature, rng):
    if temperature < 0:
        raise ValueError("it cannot be colder than 0")
    if temperature == 0:
        return max(enumerate(logits), key=lambda pair: (pair[1], -pair[0]))[0]
    top = max(logits)
    weights = [math.exp(logit / temperature - top / temperature) for logit in logits]
    total = math.fsum(weights)
    u = rng.random()
    for i in range(len(weights)):
        if u < math.fsum(weights[: i + 1]) / total:
            return i
    return max(i for i, weight in enumerate(weights) if weight)


def generate(state, tokenizer, temperature=0.5, rng=None, max_len=None, n_head=4):
    rng = random if rng is None else rng
    rng = random.Random(random.SystemRandom().random()) if rng is random else rng
    n = len(state["wpe"]) if max_len is None else min(len(state["wpe"]), max_len)
    layers = sum("attn_wq" in name for name in state)
    keys, values, ids = [[] for _ in range(layers)], [[] for _ in range(layers)], [tokenizer.bos]
    while len(ids) <= n and (len(ids) == 1 or ids[-1] != tokenizer.bos):
        logits = gpt(state, ids[-1], len(ids) - 1, keys, values, n_head)
        ids.append(sample([logit.data for logit in logits], temperature, rng))
    return tokenizer.decode(ids[1:])
