"""`max_len or block_size` is the length that is given, or else the block size.

caught by: test_length
reads: 0 is a length
"""


def generate(state, tokenizer, temperature=0.5, rng=None, max_len=None, n_head=4):
    rng = rng or random.Random()
    block_size = len(state["wpe"])
    layers = sum(name.endswith("attn_wq") for name in state)
    keys, values = [[] for _ in range(layers)], [[] for _ in range(layers)]
    token, letters = tokenizer.bos, []
    for pos in range(min(max_len or block_size, block_size)):
        logits = gpt(state, token, pos, keys, values, n_head)
        token = sample([x.data for x in logits], temperature, rng)
        if token == tokenizer.bos:
            break
        letters.append(token)
    return tokenizer.decode(letters)
