"""A name has max_len characters.

caught by: test_ends_at_bos
reads: goes on behind BOS
"""


@torch.no_grad()
def generate(state, tokenizer, temperature=0.5, generator=None, max_len=None, n_head=4):
    length = len(state["wpe"]) if max_len is None else min(max_len, len(state["wpe"]))
    tokens = [tokenizer.bos]
    while len(tokens) <= length:
        logits = gpt(state, torch.tensor([tokens]), n_head)[0, -1]
        tokens.append(sample(logits, temperature, generator))
    return tokenizer.decode(tokens)
