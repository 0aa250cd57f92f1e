import math
import random

from gpt import gpt


def sample(logits, temperature, rng):
    if temperature < 0:
        raise ValueError("temperature < 0")
    if temperature == 0:
        return logits.index(max(logits))
    top = max(logits)
    weights = [math.exp((x - top) / temperature) for x in logits]
    return random.choices(range(len(logits)), weights=weights)[0]


def generate(state, tokenizer, temperature, rng=None, max_len=None, n_head=4):
    block_size = len(state["wpe"])
    n_layer = len([name for name in state if name.endswith("mlp_fc2")])
    keys, values = [[] for _ in range(n_layer)], [[] for _ in range(n_layer)]
    token_id = tokenizer.bos
    sampled = []
    for pos_id in range(min(block_size, block_size if max_len is None else max_len)):
        logits = gpt(state, token_id, pos_id, keys, values, n_head)
        token_id = sample([x.data for x in logits], temperature, rng)
        if token_id == tokenizer.bos:
            break
        sampled.append(token_id)
    return tokenizer.decode(sampled)
