import torch

from gpt_torch import gpt
from softmax_torch import softmax


def sample(logits, temperature, generator=None):
    if temperature < 0:
        raise ValueError("temperature < 0")
    if temperature == 0:
        best = logits.max()
        return [x == best for x in logits.tolist()].index(True)
    p = softmax((logits.double() - logits.double().max()) / temperature)
    u = torch.rand(1, dtype=torch.float64, generator=generator).item() * p.sum().item()
    total, last = 0.0, 0
    for i, chance in enumerate(p.tolist()):
        if chance == 0:
            continue
        total, last = total + chance, i
        if u < total:
            break
    return last


def generate(state, tokenizer, temperature=0.5, generator=None, max_len=None, n_head=4):
    length = state["wpe"].shape[0]
    if max_len is not None:
        length = min(length, max_len)
    ids = torch.tensor([[tokenizer.bos]])
    with torch.no_grad():
        for _ in range(length):
            nxt = sample(gpt(state, ids, n_head)[0, -1], temperature, generator)
            ids = torch.cat([ids, torch.tensor([[nxt]])], dim=1)
    # decode leaves BOS out, so nothing else is to be done
    return tokenizer.decode(ids[0])
