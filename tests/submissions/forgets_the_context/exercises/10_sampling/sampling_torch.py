import torch
from gpt_torch import gpt
from softmax_torch import softmax


def sample(logits, temperature, generator=None):
    if temperature < 0:
        raise ValueError("temperature must not be negative")
    if temperature == 0:
        top = logits.max()
        for i in range(len(logits)):
            if logits[i] == top:
                return i
    probs = softmax(logits / temperature).cumsum(dim=0)
    u = torch.rand((), generator=generator, dtype=probs.dtype) * probs[-1]
    return int((probs <= u).sum())


@torch.no_grad()
def most_likely(state, tokenizer, length, n_head):
    """No chance in it, so no history is needed: the token after the one before."""
    tokens = torch.tensor([[tokenizer.bos]])
    name = []
    for _ in range(length):
        letters = gpt(state, tokens, n_head)[..., : tokenizer.bos]  # (1, 1, V - 1): BOS is no letter
        tokens = letters.argmax(dim=-1)
        name.append(int(tokens))
    return tokenizer.decode(name)


@torch.no_grad()
def generate(state, tokenizer, temperature=0.5, generator=None, max_len=None, n_head=4):
    length = min(max_len or 16, len(state["wpe"]))
    if temperature == 0:
        return most_likely(state, tokenizer, length, n_head)
    tokens = [tokenizer.bos]
    for _ in range(length):
        logits = gpt(state, torch.tensor([tokens]), n_head)[0, -1]
        token = sample(logits, temperature, generator)
        if token == tokenizer.bos:
            break
        tokens.append(token)
    return tokenizer.decode(tokens)
