from functools import partial
from itertools import chain, zip_longest

import torch


def load_docs(path, encoding="utf-8"):
    with open(path, encoding=encoding, newline="\n") as file:
        return list(filter(None, map(str.strip, file)))


class Tokenizer:
    def __init__(self, docs):
        self.chars = sorted(set(chain.from_iterable(docs)))
        self.bos, self.vocab_size = len(self.chars), len(self.chars) + 1
        self.ids = {c: i for i, c in enumerate(self.chars)}

    def encode(self, doc):
        if unknown := set(doc) - self.ids.keys():
            raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
        return torch.tensor([*chain([self.bos], map(self.ids.get, doc), [self.bos])], dtype=torch.long)

    def decode(self, ids):
        return "".join(self.chars[i] for i in map(int, ids) if i != self.bos)


def columns(rows, fill):
    """Rows of different lengths as a rectangle."""
    return torch.tensor(list(zip_longest(*rows, fillvalue=fill)), dtype=torch.long).T


def make_batch(docs, tokenizer, block_size=16):
    rows = [tokenizer.encode(doc).tolist()[: block_size + 1] for doc in docs]
    return columns((row[:-1] for row in rows), tokenizer.bos), columns((row[1:] for row in rows), -1)
