"""The width of a batch is that of its longest document.

caught by: test_block_size, test_short_and_long_documents
reads: once the document is cut
"""


def make_batch(docs, tokenizer, block_size=16):
    rows = [tokenizer.encode(doc) for doc in docs]
    longest = max(len(row) for row in rows) - 1
    inputs = torch.full((len(docs), longest), tokenizer.bos)
    targets = torch.full((len(docs), longest), -1)
    for b, row in enumerate(rows):
        n = min(block_size, len(row) - 1)
        inputs[b, :n] = row[:n]
        targets[b, :n] = row[1 : n + 1]
    return inputs, targets
