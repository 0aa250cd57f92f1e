"""Step 05, written along the hints."""

from pathlib import Path


def load_docs(path: str | Path) -> list[str]:
    text = Path(path).read_text(encoding="utf-8")
    docs = []
    for line in text.split("\n"):
        line = line.strip()
        if line:
            docs.append(line)
    return docs


class Tokenizer:
    def __init__(self, docs: list[str]) -> None:
        found = set()
        for doc in docs:
            found.update(doc)
        self.chars = sorted(found)
        self.bos = len(self.chars)
        self.vocab_size = self.bos + 1

    def encode(self, doc: str) -> list[int]:
        ids = [self.bos]
        for char in doc:
            if char not in self.chars:
                raise ValueError(f"never seen: {char}")
            ids.append(self.chars.index(char))
        return ids + [self.bos]

    def decode(self, ids: list[int]) -> str:
        text = ""
        for i in ids:
            if i != self.bos:
                text += self.chars[i]
        return text
