"""Step 10, written along the hints."""

import math
import random

from gpt import gpt


def sample(logits, temperature, rng):
    if temperature < 0:
        raise ValueError(f"no temperature: {temperature}")
    top = max(logits)
    if temperature == 0:
        return logits.index(top)
    weights = [math.exp((logit - top) / temperature) for logit in logits]
    u = rng.random() * sum(weights)
    reached = 0.0
    for token, weight in enumerate(weights):
        reached += weight
        if u < reached:
            return token
    return max(token for token, weight in enumerate(weights) if weight > 0)


def generate(state, tokenizer, temperature=0.5, rng=None, max_len=None, n_head=4):
    rng = rng or random.Random()
    limit = len(state["wpe"])
    if max_len is not None:
        limit = min(limit, max_len)
    n_layer = sum(".attn_wq" in name for name in state)
    keys, values = [[] for _ in range(n_layer)], [[] for _ in range(n_layer)]
    token, drawn = tokenizer.bos, []
    for position in range(limit):
        logits = gpt(state, token, position, keys, values, n_head)
        token = sample([logit.data for logit in logits], temperature, rng)
        if token == tokenizer.bos:
            break
        drawn.append(token)
    return tokenizer.decode(drawn)
