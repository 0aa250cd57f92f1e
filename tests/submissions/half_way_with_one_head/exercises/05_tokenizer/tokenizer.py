from pathlib import Path


def load_docs(path: str | Path) -> list[str]:
    docs = []
    with open(path, encoding="utf-8") as f:
        for line in f:
            line = line.strip()
            if line != "":
                docs.append(line)
    return docs


class Tokenizer:
    def __init__(self, docs: list[str]) -> None:
        self.chars = sorted({c for doc in docs for c in doc})
        self.bos = len(self.chars)
        self.vocab_size = self.bos + 1

    def encode(self, doc: str) -> list[int]:
        for c in doc:
            if c not in self.chars:
                raise ValueError("unknown character: " + c)
        return [self.bos] + [self.chars.index(c) for c in doc] + [self.bos]

    def decode(self, ids: list[int]) -> str:
        return "".join([self.chars[i] for i in ids if i != self.bos])
