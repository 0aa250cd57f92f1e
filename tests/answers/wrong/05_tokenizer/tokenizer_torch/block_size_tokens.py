"""A block of block_size is block_size tokens.

caught by: test_block_size
reads: one position is lost
"""


def make_batch(docs, tokenizer, block_size=16):
    rows = [tokenizer.encode(doc)[:block_size] for doc in docs]
    longest = max(len(row) for row in rows) - 1
    inputs = torch.full((len(docs), longest), tokenizer.bos)
    targets = torch.full((len(docs), longest), -1)
    for b, row in enumerate(rows):
        inputs[b, : len(row) - 1] = row[:-1]
        targets[b, : len(row) - 1] = row[1:]
    return inputs, targets
