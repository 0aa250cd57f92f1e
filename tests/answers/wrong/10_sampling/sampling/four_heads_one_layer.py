"""The model has 4 heads and 1 layer.

caught by: test_whole_context
reads: cannot be shared out among 4 heads
"""


def generate(state, tokenizer, temperature=0.5, rng=None, max_len=None, n_head=4):
    rng = rng or random.Random()
    block_size = len(state["wpe"])
    layers = 1
    keys, values = [[] for _ in range(layers)], [[] for _ in range(layers)]
    token, letters = tokenizer.bos, []
    for pos in range(block_size if max_len is None else min(max_len, block_size)):
        logits = gpt(state, token, pos, keys, values)
        token = sample([x.data for x in logits], temperature, rng)
        if token == tokenizer.bos:
            break
        letters.append(token)
    return tokenizer.decode(letters)
