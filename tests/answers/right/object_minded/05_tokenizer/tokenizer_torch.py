"""Step 05 on tensors."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import torch
from torch import Tensor


class UnknownCharacter(ValueError):
    """A character that the vocabulary lacks."""

    def __init__(self, char: str) -> None:
        super().__init__(f"{char} does not occur in the documents")
        self.char = char


class DocumentFile:
    """A text file, one document a line."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = os.fspath(path)

    def __iter__(self) -> Iterator[str]:
        with open(self.path, encoding="utf-8-sig") as file:
            for line in file:
                if stripped := line.strip():
                    yield stripped


def load_docs(path: str | os.PathLike[str]) -> list[str]:
    """The lines of a UTF-8 file, stripped, without the empty ones."""
    return list(DocumentFile(path))


class Tokenizer:
    """Characters to token ids and back, for the characters that occur in `docs`."""

    def __init__(self, docs: Iterable[str]) -> None:
        self.docs = tuple(docs)
        self._table: dict[str, int] = {}
        self._collect()

    def _collect(self) -> None:
        for char in sorted({char for doc in self.docs for char in doc}):
            self._table.setdefault(char, len(self._table))

    @property
    def chars(self) -> list[str]:
        return list(self._table)

    @property
    def bos(self) -> int:
        return len(self._table)

    @property
    def vocab_size(self) -> int:
        return len(self)

    def __len__(self) -> int:
        return len(self._table) + 1

    def __contains__(self, char: str) -> bool:
        return char in self._table

    def __repr__(self) -> str:
        return f"Tokenizer({len(self)} ids)"

    def encode(self, doc: str) -> Tensor:
        ids = torch.empty(len(doc) + 2, dtype=torch.int64).fill_(self.bos)
        for place, char in enumerate(doc, start=1):
            if char not in self:
                raise UnknownCharacter(char)
            ids[place] = self._table[char]
        return ids

    def decode(self, ids: list[int] | Tensor) -> str:
        chars = [*self._table, ""]  # BOS is written as nothing
        return "".join(map(chars.__getitem__, ids))


@dataclass
class Example:
    """What one document teaches."""

    inputs: Tensor
    targets: Tensor

    @classmethod
    def of(cls, doc: str, tokenizer: Tokenizer, block_size: int) -> Example:
        ids = tokenizer.encode(doc).narrow(0, 0, min(block_size + 1, len(doc) + 2))
        return cls(ids[:-1], ids[1:])

    def __len__(self) -> int:
        return self.inputs.numel()

    def padded(self, length: int, bos: int) -> Example:
        more = length - len(self)
        pad = torch.nn.functional.pad
        return Example(pad(self.inputs, (0, more), value=bos), pad(self.targets, (0, more), value=-1))


@dataclass
class Batch:
    """Several examples as one rectangle."""

    examples: list[Example] = field(default_factory=list)

    def stacked(self, bos: int) -> tuple[Tensor, Tensor]:
        length = max(map(len, self.examples))
        rows = [example.padded(length, bos) for example in self.examples]
        return torch.stack([row.inputs for row in rows]), torch.stack([row.targets for row in rows])


def make_batch(docs: list[str], tokenizer: Tokenizer, block_size: int = 16) -> tuple[Tensor, Tensor]:
    """Inputs and targets of B documents, both (B, T) and long."""
    return Batch([Example.of(doc, tokenizer, block_size) for doc in docs]).stacked(tokenizer.bos)
