import torch


def load_docs(path):
    file = open(path)
    docs = [line.strip() for line in file.readlines()]
    file.close()
    return [doc for doc in docs if doc]


class Tokenizer:
    def __init__(self, docs):
        self.chars = sorted({c for doc in docs for c in doc})
        self.bos = len(self.chars)
        self.vocab_size = self.bos + 1
        self.ids = {c: i for i, c in enumerate(self.chars)}
        self.texts = {i: c for c, i in self.ids.items()}
        self.texts[self.bos] = ""

    def encode(self, doc):
        unknown = [c for c in doc if c not in self.ids]
        if unknown:
            raise ValueError("not in the vocabulary: " + ", ".join(unknown))
        return torch.tensor([self.bos, *map(self.ids.get, doc), self.bos])

    def decode(self, ids):
        return "".join([self.texts[i] for i in ids])


def make_batch(docs, tokenizer, block_size=16):
    encoded = [tokenizer.encode(doc).tolist()[: block_size + 1] for doc in docs]
    width = max(map(len, encoded)) - 1
    inputs = [ids[:-1] + [tokenizer.bos] * (width - len(ids) + 1) for ids in encoded]
    targets = [ids[1:] + [-1] * (width - len(ids) + 1) for ids in encoded]
    return torch.tensor(inputs), torch.tensor(targets)
