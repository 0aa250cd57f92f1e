"""Step 05 with two dicts and an error of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path


class UnknownCharacter(ValueError):
    """A character that no document has."""

    def __init__(self, character: str) -> None:
        super().__init__(f"no id for {character}")


@dataclass(frozen=True)
class Line:
    text: str

    def __bool__(self) -> bool:
        return bool(self.text)

    @classmethod
    def all_of(cls, content: bytes) -> Iterator[Line]:
        return (cls(line.decode("utf-8").strip()) for line in content.split(b"\n"))


def load_docs(path: str | Path) -> list[str]:
    with open(path, "rb") as file:
        return [line.text for line in Line.all_of(file.read()) if line]


class Tokenizer:
    def __init__(self, docs: Iterable[str]) -> None:
        self._id_of = {char: i for i, char in enumerate(sorted(set().union(*docs)))}
        self._char_of = {i: char for char, i in self._id_of.items()}

    @property
    def chars(self) -> list[str]:
        return list(self._id_of)

    @property
    def bos(self) -> int:
        return len(self._id_of)

    @property
    def vocab_size(self) -> int:
        return self.bos + 1

    def _id(self, char: str) -> int:
        try:
            return self._id_of[char]
        except KeyError:
            raise UnknownCharacter(char) from None

    def encode(self, doc: str) -> list[int]:
        return [self.bos] + [self._id(char) for char in doc] + [self.bos]

    def decode(self, ids: list[int]) -> str:
        return "".join(self._char_of.get(i, "") for i in ids)
