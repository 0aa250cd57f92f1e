import math
import random

from gpt import gpt


def sample(logits, temperature, rng):
    if temperature < 0:
        raise ValueError("negative temperature")
    highest = max(logits)
    if temperature == 0:
        return logits.index(highest)
    weights = [math.exp((x - highest) / temperature) for x in logits]
    u = rng.random() * sum(weights)
    for i, w in enumerate(weights):
        if u < w:
            return i
        u -= w
    return max(i for i, w in enumerate(weights) if w > 0)


def generate(state, tokenizer, temperature=0.5, rng=None, max_len=None, n_head=4):
    rng = rng or random.Random()
    n_layer = len({name.split(".")[0] for name in state}) - 3
    name = ""
    token = tokenizer.bos
    limit = len(state["wpe"]) if max_len is None else min(max_len, len(state["wpe"]))
    for _ in range(limit):
        logits = gpt(state, token, 0, [[] for _ in range(n_layer)], [[] for _ in range(n_layer)], n_head)
        token = sample([v.data for v in logits], temperature, rng)
        if token == tokenizer.bos:
            return name
        name += tokenizer.decode([token])
    return name
