import math
import random
from itertools import count

from gpt import gpt


def sample(logits, temperature, rng):
    if temperature < 0:
        raise ValueError("temperature must be >= 0")
    scaled = [logit / temperature for logit in logits]
    m = max(scaled)
    e = [math.exp(s - m) for s in scaled]
    total = sum(e)
    u = rng.random()
    below = 0.0
    for i, x in enumerate(e):
        below += x / total
        if u < below:
            return i
    return i


def generate(state, tokenizer, temperature=0.5, rng=None, max_len=None, n_head=4):
    if rng is None:
        rng = random.Random(0)  # the same names each time: good for comparing
    limit = len(state["wpe"])
    if max_len is not None:
        limit = min(limit, max_len)
    keys = [[] for name in state if name.endswith("attn_wq")]
    values = [[] for name in state if name.endswith("attn_wq")]
    name, token, positions = "", tokenizer.bos, count()
    while len(name) < limit:
        logits = gpt(state, token, next(positions), keys, values, n_head)
        token = sample([x.data for x in logits], temperature, rng)
        name += tokenizer.decode([token])  # nothing, for BOS
    return name
