import torch
from gpt_torch import gpt
from softmax_torch import softmax


def sample(logits, temperature, generator=None):
    if temperature < 0:
        raise ValueError("temperature below 0")
    if temperature == 0:
        best = logits.max().item()
        return logits.tolist().index(best)
    p = softmax((logits.double() - logits.max()) / temperature).tolist()
    u = torch.rand(1, dtype=torch.float64, generator=generator).item()
    last = None
    for i, share in enumerate(p):
        if share == 0:
            continue
        last = i
        if u < share:
            return i
        u -= share
    return last  # rounding: the shares added up to a little less than 1


def generate(state, tokenizer, temperature=0.5, generator=None, max_len=None, n_head=4):
    limit = state["wpe"].shape[0]
    if max_len is not None and max_len < limit:
        limit = max_len
    context = torch.tensor([[tokenizer.bos]])
    while context.shape[1] <= limit:
        with torch.no_grad():
            logits = gpt(state, context, n_head=n_head)
        token = sample(logits[0, -1, :], temperature, generator)
        if token == tokenizer.bos:
            break
        context = torch.cat([context, torch.tensor([[token]])], dim=1)
    return tokenizer.decode(context[0])
