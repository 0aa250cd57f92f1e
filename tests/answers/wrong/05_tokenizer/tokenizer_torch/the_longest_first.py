"""Rows of a batch are independent, so their order does not matter.

caught by: test_padding, test_nothing_else_is_changed
reads: rows stand in the order of the documents
"""


def make_batch(docs, tokenizer, block_size=16):
    docs.sort(key=len, reverse=True)
    rows = [tokenizer.encode(doc)[: block_size + 1] for doc in docs]
    longest = len(rows[0]) - 1
    inputs = torch.full((len(docs), longest), tokenizer.bos)
    targets = torch.full((len(docs), longest), -1)
    for b, row in enumerate(rows):
        inputs[b, : len(row) - 1] = row[:-1]
        targets[b, : len(row) - 1] = row[1:]
    return inputs, targets
