"""Targets are the inputs moved by one, and what falls out in front comes back at the end.

caught by: test_batch_of_one_length
reads: the last BOS is an answer only
"""


def make_batch(docs, tokenizer, block_size=16):
    rows = [tokenizer.encode(doc)[:block_size] for doc in docs]
    longest = max(len(row) for row in rows)
    inputs = torch.full((len(docs), longest), tokenizer.bos)
    targets = torch.full((len(docs), longest), -1)
    for b, row in enumerate(rows):
        inputs[b, : len(row)] = row
        targets[b, : len(row)] = torch.roll(row, -1)
    return inputs, targets
