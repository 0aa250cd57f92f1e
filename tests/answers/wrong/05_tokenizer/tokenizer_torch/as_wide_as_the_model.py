"""The model has block_size positions, so a batch has as many columns.

caught by: test_padding, test_batch_of_one_length
reads: always as wide as block_size
"""


def make_batch(docs, tokenizer, block_size=16):
    inputs = torch.full((len(docs), block_size), tokenizer.bos)
    targets = torch.full((len(docs), block_size), -1)
    for b, doc in enumerate(docs):
        row = tokenizer.encode(doc)[: block_size + 1]
        inputs[b, : len(row) - 1] = row[:-1]
        targets[b, : len(row) - 1] = row[1:]
    return inputs, targets
