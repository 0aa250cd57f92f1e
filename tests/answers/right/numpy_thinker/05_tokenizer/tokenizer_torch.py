from pathlib import Path

import torch


def load_docs(path):
    rows = Path(path).read_bytes().decode("utf-8").splitlines()
    rows = [row.strip() for row in rows]
    return [row for row in rows if row]


class Tokenizer:
    def __init__(self, docs):
        codes = torch.tensor([ord(c) for doc in docs for c in doc], dtype=torch.long)
        self.codes = torch.unique(codes)  # sorted
        self.chars = [chr(c) for c in self.codes.tolist()]
        self.bos = self.codes.shape[0]
        self.vocab_size = self.bos + 1

    def encode(self, doc):
        codes = torch.tensor([ord(c) for c in doc], dtype=torch.long)
        hits = codes[:, None] == self.codes[None, :]  # (len(doc), len(chars))
        unknown = ~hits.any(dim=1)
        if unknown.any():
            raise ValueError("not in the vocabulary: " + chr(int(codes[unknown][0])))
        ids = (hits * torch.arange(self.bos)).sum(dim=1)
        ends = torch.tensor([self.bos])
        return torch.cat([ends, ids, ends])

    def decode(self, ids):
        ids = torch.as_tensor(ids, dtype=torch.long)
        return "".join(self.chars[i] for i in ids[ids != self.bos])


def make_batch(docs, tokenizer, block_size=16):
    rows = [tokenizer.encode(doc) for doc in docs]
    lengths = torch.tensor([len(row) for row in rows]) - 1  # (B,)
    T = min(block_size, int(lengths.max()))
    table = torch.full((len(docs), T + 1), -1)
    for row, out in zip(rows, table):
        out[: len(row)] = row[: T + 1]
    inside = torch.arange(T)[None, :] < lengths[:, None]  # (B, T)
    inputs = torch.where(inside, table[:, :-1], tokenizer.bos)
    targets = torch.where(inside, table[:, 1:], -1)
    return inputs, targets
