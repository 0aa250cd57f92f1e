"""-1 marks padding, in the inputs as in the targets.

caught by: test_padding
reads: the inputs are padded with -1
"""


def make_batch(docs, tokenizer, block_size=16):
    rows = [tokenizer.encode(doc)[: block_size + 1] for doc in docs]
    pad = torch.nn.utils.rnn.pad_sequence
    inputs = pad([row[:-1] for row in rows], batch_first=True, padding_value=-1)
    targets = pad([row[1:] for row in rows], batch_first=True, padding_value=-1)
    return inputs, targets
