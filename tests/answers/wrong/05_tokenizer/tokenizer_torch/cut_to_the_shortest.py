"""A tensor is a rectangle, so the shortest name says how much of each can be used.

caught by: test_padding, test_short_and_long_documents
reads: the shortest document sets the width
"""


def make_batch(docs, tokenizer, block_size=16):
    rows = [tokenizer.encode(doc)[: block_size + 1] for doc in docs]
    shortest = min(len(row) for row in rows)
    rows = torch.stack([row[:shortest] for row in rows])
    return rows[:, :-1], rows[:, 1:]
