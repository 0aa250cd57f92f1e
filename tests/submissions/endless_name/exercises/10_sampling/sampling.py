import math
import random

from gpt import gpt


def sample(logits, temperature, rng):
    if temperature < 0:
        raise ValueError("temperature")
    m = max(logits)
    if temperature == 0:
        return logits.index(m)
    p = [math.exp((x - m) / temperature) for x in logits]
    u, border = rng.random(), 0.0
    for i in range(len(p)):
        border += p[i] / sum(p)
        if u < border:
            return i
    return len(p) - 1


def generate(state, tokenizer, temperature=0.5, rng=None, max_len=None, n_head=4):
    rng = rng or random.Random()
    n_layer = sum(1 for name in state if name.endswith("attn_wq"))
    keys = [[] for _ in range(n_layer)]
    values = [[] for _ in range(n_layer)]
    block_size = len(state["wpe"])
    limit = block_size if max_len is None else min(max_len, block_size)
    name = []
    while len(name) < limit:
        last = name[-1] if name else tokenizer.bos
        logits = gpt(state, last, len(name), keys, values, n_head)
        token = sample([x.data for x in logits], temperature, rng)
        if token == tokenizer.bos:
            break
        name + [token]
    return tokenizer.decode(name)
