import torch
from gpt_torch import gpt
from softmax_torch import softmax


def sample(logits, temperature, generator=None):
    if temperature < 0:
        raise ValueError(f"temperature is {temperature}")
    if temperature == 0:
        return int(torch.argmax(logits))
    probs = softmax(logits / temperature)
    u = torch.rand((), generator=generator).item()
    total = 0.0
    for i, p in enumerate(probs.tolist()):
        total += p
        if u <= total:
            return i
    return len(probs) - 1


def generate(state, tokenizer, temperature=0.5, generator=None, max_len=None, n_head=4):
    block_size = len(state["wpe"])
    if max_len is None or max_len > block_size:
        max_len = block_size
    ids = [tokenizer.bos]
    with torch.no_grad():
        for _ in range(max_len):
            logits = gpt(state, torch.tensor(ids).unsqueeze(0), n_head)
            ids.append(sample(logits[0, -1], temperature, generator=generator))
            if ids[-1] == tokenizer.bos:
                return tokenizer.decode(ids)
    return tokenizer.decode(ids)
