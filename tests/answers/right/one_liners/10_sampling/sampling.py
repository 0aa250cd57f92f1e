import math
import random
from bisect import bisect_right
from itertools import accumulate

from gpt import gpt


def sample(logits, temperature, rng):
    if temperature < 0: raise ValueError(temperature)
    if not temperature: return max(range(len(logits)), key=logits.__getitem__)
    sums = [*accumulate(math.exp((x - max(logits)) / temperature) for x in logits)]
    return bisect_right(sums, rng.random() * sums[-1])


def generate(state, tokenizer, temperature=0.5, rng=None, max_len=None, n_head=4):
    rng, k, v, ids = rng or random.Random(), *([[] for name in state if "attn_wq" in name] for _ in "kv"), [tokenizer.bos]
    for pos in range(min(len(state["wpe"]), math.inf if max_len is None else max_len)):
        ids.append(sample([x.data for x in gpt(state, ids[-1], pos, k, v, n_head)], temperature, rng))
        if ids[-1] == ids[0]: break
    return tokenizer.decode(ids)
