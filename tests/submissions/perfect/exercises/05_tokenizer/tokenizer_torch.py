"""Step 05 on tensors: from names to numbers and back, and from several names to one batch.

Each character of the names gets a number, its token id, in sorted order; one more id, BOS ("beginning of sequence"),
stands at both ends of every name. A batch is a rectangle, names are not: short ones are padded.

    "emma"  ->  [26, 4, 12, 12, 0, 26]
"""

from pathlib import Path

import torch
from torch import Tensor


def load_docs(path: str | Path) -> list[str]:
    r"""The lines of a UTF-8 file, stripped, without the empty ones. Order and duplicates are kept.

    Lines end in \n or \r\n.
    """
    lines = Path(path).read_text(encoding="utf-8").split("\n")
    return [line.strip() for line in lines if line.strip()]


class Tokenizer:
    """Characters to token ids and back, for the characters that occur in `docs`.

    chars:       list of the distinct characters, sorted; the id of a character is its place here
    bos:         the id after the last character's
    vocab_size:  how many ids there are, BOS included
    """

    def __init__(self, docs: list[str]) -> None:
        """Collect the vocabulary of `docs`."""
        self.chars = sorted(set("".join(docs)))
        self.bos = len(self.chars)
        self.vocab_size = len(self.chars) + 1

    def encode(self, doc: str) -> Tensor:
        """The ids of the characters of `doc`, between two BOS: (len(doc) + 2,), long.

        ValueError: a character is not in the vocabulary; the text of the error contains it.
        """
        for char in doc:
            if char not in self.chars:
                raise ValueError(f"the character {char!r} is not in the vocabulary")
        return torch.tensor([self.bos, *(self.chars.index(char) for char in doc), self.bos])

    def decode(self, ids: list[int] | Tensor) -> str:
        """The text of `ids`, a list or a long tensor (n,). BOS is left out wherever it stands."""
        ids = ids.tolist() if isinstance(ids, Tensor) else ids
        return "".join(self.chars[i] for i in ids if i != self.bos)


def make_batch(docs: list[str], tokenizer: Tokenizer, block_size: int = 16) -> tuple[Tensor, Tensor]:
    """Inputs and targets of B documents, both (B, T) and long: the target is the token that follows the input.

    Of each document the first min(block_size, len(encoded) - 1) positions are used; T is the most of the batch. Behind
    the end of a shorter document the input is BOS, and the target -1: "do not count this place".
    """
    rows = [tokenizer.encode(doc)[: block_size + 1] for doc in docs]
    longest = max(len(row) for row in rows) - 1
    inputs = torch.full((len(docs), longest), tokenizer.bos)  # (B, T)
    targets = torch.full((len(docs), longest), -1)  # (B, T)
    for b, row in enumerate(rows):
        n = len(row) - 1
        inputs[b, :n] = row[:-1]
        targets[b, :n] = row[1:]
    return inputs, targets
