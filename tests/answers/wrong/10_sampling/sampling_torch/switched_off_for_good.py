"""Gradients are not needed any more, so they are switched off.

caught by: test_nothing_else_is_changed
reads: switched on
"""


def generate(state, tokenizer, temperature=0.5, generator=None, max_len=None, n_head=4):
    torch.set_grad_enabled(False)
    length = len(state["wpe"]) if max_len is None else min(max_len, len(state["wpe"]))
    tokens = [tokenizer.bos]
    while len(tokens) <= length:
        logits = gpt(state, torch.tensor([tokens]), n_head)[0, -1]
        tokens.append(sample(logits, temperature, generator))
        if tokens[-1] == tokenizer.bos:
            break
    return tokenizer.decode(tokens)
