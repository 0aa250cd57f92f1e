"""The model answers with one row of logits.

caught by: test_the_whole_context
reads: what follows BOS
"""


@torch.no_grad()
def generate(state, tokenizer, temperature=0.5, generator=None, max_len=None, n_head=4):
    length = len(state["wpe"]) if max_len is None else min(max_len, len(state["wpe"]))
    tokens = [tokenizer.bos]
    while len(tokens) <= length:
        logits = gpt(state, torch.tensor([tokens]), n_head)[0, 0]
        tokens.append(sample(logits, temperature, generator))
        if tokens[-1] == tokenizer.bos:
            break
    return tokenizer.decode(tokens)
