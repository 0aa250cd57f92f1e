"""Step 10 on tensors, written along the hints."""

import torch
from gpt_torch import gpt
from softmax_torch import softmax


def sample(logits, temperature, generator=None):
    if temperature < 0:
        raise ValueError(f"no temperature: {temperature}")
    highest = logits.max()
    if temperature == 0:
        return int((logits == highest).nonzero()[0])
    p = softmax((logits - highest) / temperature, dim=0)
    borders = p.cumsum(0)
    u = torch.rand(1, dtype=borders.dtype, generator=generator) * borders[-1]
    return int((borders <= u).sum())


@torch.no_grad()
def generate(state, tokenizer, temperature=0.5, generator=None, max_len=None, n_head=4):
    limit = len(state["wpe"])
    if max_len is not None:
        limit = min(limit, max_len)
    tokens = [tokenizer.bos]
    while len(tokens) <= limit:
        logits = gpt(state, torch.tensor([tokens]), n_head)
        token = sample(logits[0, -1], temperature, generator)
        if token == tokenizer.bos:
            break
        tokens.append(token)
    return tokenizer.decode(tokens)
