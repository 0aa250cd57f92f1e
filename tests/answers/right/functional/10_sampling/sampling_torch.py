from functools import partial
from itertools import islice

import torch
from gpt_torch import gpt
from softmax_torch import softmax


def sample(logits, temperature, generator=None):
    if temperature < 0:
        raise ValueError(f"temperature {temperature} < 0")
    highest = logits.max()
    if temperature == 0:
        return next(i for i, logit in enumerate(logits) if logit == highest)
    borders = softmax(logits.double().sub(highest).div(temperature)).cumsum(0)
    u = torch.rand((), dtype=torch.float64, generator=generator)
    return int((borders / borders[-1] <= u).sum())  # how many end before u


def generate(state, tokenizer, temperature=0.5, generator=None, max_len=None, n_head=4):
    context = [tokenizer.bos]

    @torch.no_grad()
    def draw():
        *_, last = gpt(state, torch.tensor(context)[None], n_head=n_head)[0]
        context.append(sample(last, temperature, generator))
        return context[-1]

    limits = [len(state["wpe"])] + ([] if max_len is None else [max_len])
    return tokenizer.decode(list(islice(iter(draw, tokenizer.bos), min(limits))))
