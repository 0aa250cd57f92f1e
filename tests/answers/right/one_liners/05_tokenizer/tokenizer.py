load_docs = lambda path: [*filter(None, map(str.strip, open(path, encoding="utf-8", newline="\n")))]


class Tokenizer:
    def __init__(self, docs):
        self.chars = sorted({c for d in docs for c in d})
        self.table = {c: i for i, c in enumerate(self.chars)}
        self.vocab_size = 1 + (bos := len(self.chars))
        self.bos = bos

    def encode(self, doc):
        if bad := [c for c in doc if c not in self.table]: raise ValueError(f"unknown: {bad[0]}")
        return [self.bos, *map(self.table.get, doc), self.bos]

    decode = lambda self, ids: "".join([*self.chars, ""][i] for i in ids)
