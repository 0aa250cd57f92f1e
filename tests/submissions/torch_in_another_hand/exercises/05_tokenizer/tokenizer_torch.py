import io

import torch
from torch.nn.utils.rnn import pad_sequence


def load_docs(path):
    with open(path, "rb") as file:
        text = file.read().decode("utf-8")
    docs = []
    for line in io.StringIO(text, newline=None):
        line = line.strip()
        if line != "":
            docs.append(line)
    return docs


class Tokenizer:
    def __init__(self, docs):
        seen = set()
        for doc in docs:
            seen.update(doc)
        self.chars = sorted(seen)
        self._id_of = dict(zip(self.chars, range(len(self.chars))))

    @property
    def bos(self):
        return len(self.chars)

    @property
    def vocab_size(self):
        return self.bos + 1

    def encode(self, doc):
        ids = [self.bos]
        for c in doc:
            try:
                ids.append(self._id_of[c])
            except KeyError:
                raise ValueError("cannot encode " + c) from None
        return torch.LongTensor(ids + [self.bos])

    def decode(self, ids):
        text = ""
        for i in ids:
            i = int(i)
            text += "" if i == self.bos else self.chars[i]
        return text


def make_batch(docs, tokenizer, block_size=16):
    xs, ys = [], []
    for doc in docs:
        ids = tokenizer.encode(doc)
        xs.append(ids[:-1][:block_size])
        ys.append(ids[1:][:block_size])
    inputs = pad_sequence(xs, batch_first=True, padding_value=tokenizer.bos)
    targets = pad_sequence(ys, batch_first=True, padding_value=-1)
    return inputs, targets
