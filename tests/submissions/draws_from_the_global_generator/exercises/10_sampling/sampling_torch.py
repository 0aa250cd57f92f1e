import torch
from gpt_torch import gpt
from softmax_torch import softmax


def sample(logits, temperature, generator=None):
    if temperature < 0:
        raise ValueError("temperature must be >= 0")
    if temperature == 0:
        return logits.argmax().item()
    borders = softmax(logits / temperature).cumsum(0)
    u = torch.rand(()) * borders[-1]
    return torch.sum(borders <= u).item()


@torch.no_grad()
def generate(state, tokenizer, temperature=0.5, generator=None, max_len=None, n_head=4):
    """Does not call sample: the loop came first, and it worked."""
    if max_len is None:
        max_len = state["wpe"].shape[0]
    max_len = min(max_len, state["wpe"].shape[0])
    ids = [tokenizer.bos]
    while len(ids) - 1 < max_len:
        logits = gpt(state, torch.tensor([ids]), n_head)[0, -1]
        if temperature > 0:
            borders = softmax(logits / temperature).cumsum(0)
            u = torch.rand((), generator=generator, dtype=borders.dtype) * borders[-1]
            next_id = torch.sum(borders <= u).item()
        else:
            next_id = sample(logits, temperature)
        if next_id == tokenizer.bos:
            break
        ids.append(next_id)
    return tokenizer.decode(ids)
