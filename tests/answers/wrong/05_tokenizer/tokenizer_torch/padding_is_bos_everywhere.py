"""Behind the end of a name comes BOS, and again BOS.

caught by: test_padding
reads: padded with BOS, a target that counts
"""


def make_batch(docs, tokenizer, block_size=16):
    rows = [tokenizer.encode(doc)[: block_size + 1] for doc in docs]
    pad = torch.nn.utils.rnn.pad_sequence
    inputs = pad([row[:-1] for row in rows], batch_first=True, padding_value=tokenizer.bos)
    targets = pad([row[1:] for row in rows], batch_first=True, padding_value=tokenizer.bos)
    return inputs, targets
