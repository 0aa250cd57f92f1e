"""Names are invented at a temperature of 0.5.

caught by: test_whole_context
by chance: yes
"""


def generate(state, tokenizer, temperature=0.5, rng=None, max_len=None, n_head=4):
    rng = rng or random.Random()
    block_size = len(state["wpe"])
    layers = sum(name.endswith("attn_wq") for name in state)
    keys, values = [[] for _ in range(layers)], [[] for _ in range(layers)]
    token, letters = tokenizer.bos, []
    for pos in range(block_size if max_len is None else min(max_len, block_size)):
        logits = gpt(state, token, pos, keys, values, n_head)
        token = sample([x.data for x in logits], 0.5, rng)
        if token == tokenizer.bos:
            break
        letters.append(token)
    return tokenizer.decode(letters)
