"""Names are set flush right, so that all end at the same place.

caught by: test_padding
reads: padding belongs behind a name
"""


def make_batch(docs, tokenizer, block_size=16):
    rows = [tokenizer.encode(doc)[: block_size + 1] for doc in docs]
    longest = max(len(row) for row in rows) - 1
    inputs = torch.full((len(docs), longest), tokenizer.bos)
    targets = torch.full((len(docs), longest), -1)
    for b, row in enumerate(rows):
        start = longest - (len(row) - 1)
        inputs[b, start:] = row[:-1]
        targets[b, start:] = row[1:]
    return inputs, targets
