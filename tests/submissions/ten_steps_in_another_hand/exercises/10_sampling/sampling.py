import math
import random
from bisect import bisect_right
from itertools import accumulate

from gpt import gpt


def probabilities(logits, temperature):
    highest = max(logits)
    odds = [math.exp((logit - highest) / temperature) for logit in logits]
    total = math.fsum(odds)
    return [one / total for one in odds]


def sample(logits, temperature, rng):
    if temperature < 0:
        raise ValueError("colder than greedy there is nothing")
    if temperature == 0:
        return max(range(len(logits)), key=logits.__getitem__)  # max keeps the first of equals
    sums = list(accumulate(probabilities(logits, temperature)))
    return min(bisect_right(sums, rng.random()), len(logits) - 1)


def letters(state, bos, temperature, rng, n_head):
    """Tokens without end."""
    n_layer = (len(state) - 3) // 6
    keys, values = [[] for _ in range(n_layer)], [[] for _ in range(n_layer)]
    token, position = bos, 0
    while True:
        logits = gpt(state, token, position, keys, values, n_head)
        token = sample([x.data for x in logits], temperature, rng)
        yield token
        position += 1


def generate(state, tokenizer, temperature=0.5, rng=None, max_len=None, n_head=4):
    limit = len(state["wpe"])
    if max_len is not None and max_len < limit:
        limit = max_len
    name = []
    source = letters(state, tokenizer.bos, temperature, rng or random.Random(), n_head)
    while len(name) < limit:
        token = next(source)
        if token == tokenizer.bos:
            break
        name.append(token)
    return tokenizer.decode(name)
