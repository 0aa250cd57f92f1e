"""a = b = torch.full(...) makes two tensors.

caught by: test_batch_of_one_length
reads: one and the same tensor
"""


def make_batch(docs, tokenizer, block_size=16):
    rows = [tokenizer.encode(doc)[: block_size + 1] for doc in docs]
    longest = max(len(row) for row in rows) - 1
    inputs = targets = torch.full((len(docs), longest), tokenizer.bos)
    for b, row in enumerate(rows):
        inputs[b, : len(row) - 1] = row[:-1]
        targets[b, : len(row) - 1] = row[1:]
        targets[b, len(row) - 1 :] = -1
    return inputs, targets
