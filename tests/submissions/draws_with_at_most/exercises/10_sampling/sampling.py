from math import exp
from random import Random

import gpt


def softmax(logits: list[float], temperature: float) -> list[float]:
    m = max(logits)
    e = [exp((x - m) / temperature) for x in logits]
    return [x / sum(e) for x in e]


def sample(logits, temperature, rng):
    if temperature < 0.0:
        raise ValueError(temperature)
    if temperature == 0:
        best = 0
        for i, x in enumerate(logits):
            if x > logits[best]:
                best = i
        return best
    u = rng.random()
    total = 0.0
    for i, p in enumerate(softmax(logits, temperature)):
        total += p
        if u <= total:
            return i
    return len(logits) - 1


def generate(state, tokenizer, temperature=0.5, rng=None, max_len=None, n_head=4):
    rng = Random() if rng is None else rng
    longest = len(state["wpe"])
    if max_len is not None:
        longest = min(longest, max_len)
    caches = [([], []) for name in state if name.endswith(".attn_wk")]
    keys, values = [k for k, _ in caches], [v for _, v in caches]
    ids = [tokenizer.bos]
    while len(ids) <= longest:
        logits = gpt.gpt(state, ids[-1], len(ids) - 1, keys, values, n_head)
        ids.append(sample([logit.data for logit in logits], temperature, rng))
        if ids[-1] == tokenizer.bos:
            break
    return tokenizer.decode(ids)
