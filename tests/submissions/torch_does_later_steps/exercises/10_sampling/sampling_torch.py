import torch
from gpt_torch import gpt
from softmax_torch import softmax


def sample(logits, temperature, generator=None):
    if temperature < 0:
        raise ValueError("temperature")
    if temperature == 0:
        return int(logits.argmax())
    p = softmax(logits / temperature)
    return torch.multinomial(p, 1, generator=generator).item()


@torch.no_grad()
def generate(state, tokenizer, temperature=0.5, generator=None, max_len=None, n_head=4):
    most = len(state["wpe"]) if max_len is None else min(max_len, len(state["wpe"]))
    ids = [tokenizer.bos]
    for _ in range(most):
        ids.append(sample(gpt(state, torch.tensor([ids]), n_head)[0, -1], temperature, generator))
        if ids[-1] == tokenizer.bos:
            break
    return tokenizer.decode(ids)
