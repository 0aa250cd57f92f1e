import torch


def load_docs(path):
    with open(path, encoding="utf-8") as f:
        return [line.strip() for line in f if line.strip() != ""]


class Tokenizer:
    def __init__(self, docs):
        self.chars = sorted(set("".join(docs)))
        self.bos = len(self.chars)
        self.vocab_size = len(self.chars) + 1
        self.stoi = {c: i for i, c in enumerate(self.chars)}

    def encode(self, doc):
        for c in doc:
            if c not in self.stoi:
                raise ValueError(f"unknown character {c}")
        return torch.tensor([self.bos] + [self.stoi[c] for c in doc] + [self.bos], dtype=torch.long)

    def decode(self, ids):
        return "".join(self.chars[i] for i in ids if i != self.bos)


def make_batch(docs, tokenizer, block_size=16):
    inputs = torch.zeros(len(docs), block_size, dtype=torch.long)
    targets = torch.zeros(len(docs), block_size, dtype=torch.long)
    for row, doc in enumerate(docs):
        ids = tokenizer.encode(doc)
        n = min(block_size, len(ids) - 1)
        inputs[row, :n] = ids[:n]
        targets[row, :n] = ids[1 : n + 1]
    return inputs, targets
