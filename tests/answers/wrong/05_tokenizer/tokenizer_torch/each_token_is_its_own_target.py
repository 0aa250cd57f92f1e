"""The target of a position is the token that stands there.

caught by: test_batch_of_one_length
reads: each position is asked for its own input
"""


def make_batch(docs, tokenizer, block_size=16):
    rows = [tokenizer.encode(doc)[:-1][:block_size] for doc in docs]
    longest = max(len(row) for row in rows)
    inputs = torch.full((len(docs), longest), tokenizer.bos)
    targets = torch.full((len(docs), longest), -1)
    for b, row in enumerate(rows):
        inputs[b, : len(row)] = row
        targets[b, : len(row)] = row
    return inputs, targets
