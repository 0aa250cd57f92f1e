"""make_batch returns what is wanted, and then what it is wanted for.

caught by: test_batch_of_one_length
reads: returns the inputs first
"""


def make_batch(docs, tokenizer, block_size=16):
    rows = [tokenizer.encode(doc)[: block_size + 1] for doc in docs]
    longest = max(len(row) for row in rows) - 1
    inputs = torch.full((len(docs), longest), tokenizer.bos)
    targets = torch.full((len(docs), longest), -1)
    for b, row in enumerate(rows):
        inputs[b, : len(row) - 1] = row[:-1]
        targets[b, : len(row) - 1] = row[1:]
    return targets, inputs
