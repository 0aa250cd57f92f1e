"""Names are invented at a temperature of 0.5.

caught by: test_temperature_of_a_text
by chance: yes
"""


@torch.no_grad()
def generate(state, tokenizer, temperature=0.5, generator=None, max_len=None, n_head=4):
    length = len(state["wpe"]) if max_len is None else min(max_len, len(state["wpe"]))
    tokens = [tokenizer.bos]
    while len(tokens) <= length:
        logits = gpt(state, torch.tensor([tokens]), n_head)[0, -1]
        tokens.append(sample(logits, 0.5, generator))
        if tokens[-1] == tokenizer.bos:
            break
    return tokenizer.decode(tokens)
