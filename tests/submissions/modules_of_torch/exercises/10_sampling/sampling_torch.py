import torch
from gpt_torch import gpt
from softmax_torch import softmax
from torch.distributions import Categorical


def sample(logits, temperature, generator=None):
    if temperature < 0:
        raise ValueError("negative temperature")
    if temperature == 0:
        return torch.argmax(logits).item()
    # Categorical takes no generator: lend it the global one for a moment
    with torch.random.fork_rng(devices=[], enabled=generator is not None):
        if generator is not None:
            torch.set_rng_state(generator.get_state())
        token = Categorical(probs=softmax(logits / temperature)).sample().item()
        if generator is not None:
            generator.set_state(torch.get_rng_state())
    return token


@torch.inference_mode()
def generate(state, tokenizer, temperature=0.5, generator=None, max_len=None, n_head=4):
    room = len(state["wpe"])
    if max_len is not None:
        room = min(room, max_len)
    ids = [tokenizer.bos]
    while len(ids) <= room:
        ids.append(sample(gpt(state, torch.tensor(ids)[None], n_head)[0][-1], temperature, generator))
        if ids[-1] == tokenizer.bos:
            break
    return tokenizer.decode(ids)
