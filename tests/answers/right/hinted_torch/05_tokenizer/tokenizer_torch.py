"""Step 05 on tensors, written along the hints."""

from pathlib import Path

import torch
from torch import Tensor


def load_docs(path: str | Path) -> list[str]:
    docs = []
    for line in Path(path).read_text(encoding="utf-8").split("\n"):
        if line.strip():
            docs.append(line.strip())
    return docs


class Tokenizer:
    def __init__(self, docs: list[str]) -> None:
        self.chars = sorted({char for doc in docs for char in doc})
        self.bos = len(self.chars)
        self.vocab_size = self.bos + 1

    def encode(self, doc: str) -> Tensor:
        ids = []
        for char in doc:
            if char not in self.chars:
                raise ValueError(f"never seen: {char}")
            ids.append(self.chars.index(char))
        return torch.tensor([self.bos] + ids + [self.bos])

    def decode(self, ids: list[int] | Tensor) -> str:
        if isinstance(ids, Tensor):
            ids = ids.tolist()
        return "".join(self.chars[i] for i in ids if i != self.bos)


def make_batch(docs: list[str], tokenizer: Tokenizer, block_size: int = 16) -> tuple[Tensor, Tensor]:
    encoded = [tokenizer.encode(doc)[: block_size + 1] for doc in docs]
    T = max(len(ids) - 1 for ids in encoded)
    shape = (len(docs), T)
    inputs, targets = torch.full(shape, tokenizer.bos), torch.full(shape, -1)
    for b, ids in enumerate(encoded):
        inputs[b, : len(ids) - 1] = ids[:-1]
        targets[b, : len(ids) - 1] = ids[1:]
    return inputs, targets
