import torch
from gpt_torch import gpt
from softmax_torch import softmax


def sample(logits, temperature, generator=None):
    """A race: each token runs for a time that is exponential with its probability as the rate; the first one wins."""
    if temperature < 0:
        raise ValueError("temperature < 0")
    if temperature == 0:
        return torch.nonzero(logits == logits.max())[0].item()
    p = softmax((logits - logits.max()) / temperature)
    times = torch.empty_like(p).exponential_(generator=generator)
    speed = torch.where(p > 0, p / times, -1.0)  # probability 0 never arrives
    return speed.argmax().item()


def generate(state, tokenizer, temperature=0.5, generator=None, max_len=None, n_head=4):
    T = state["wpe"].shape[0]
    n = T if max_len is None else min(max_len, T)
    row = torch.full((1, n + 1), tokenizer.bos)  # filled from the left
    for i in range(n):
        with torch.no_grad():
            logits = gpt(state, row[:, : i + 1], n_head)[0, i]
        row[0, i + 1] = sample(logits, temperature, generator)
        if row[0, i + 1] == tokenizer.bos:
            break
    return tokenizer.decode(row[0])
