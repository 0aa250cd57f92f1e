"""`max_len or block_size` is the length that is given, or else the block size.

caught by: test_length
reads: 0 is a length
"""


@torch.no_grad()
def generate(state, tokenizer, temperature=0.5, generator=None, max_len=None, n_head=4):
    length = min(max_len or len(state["wpe"]), len(state["wpe"]))
    tokens = [tokenizer.bos]
    while len(tokens) <= length:
        logits = gpt(state, torch.tensor([tokens]), n_head)[0, -1]
        tokens.append(sample(logits, temperature, generator))
        if tokens[-1] == tokenizer.bos:
            break
    return tokenizer.decode(tokens)
