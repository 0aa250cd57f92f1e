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
    raise NotImplementedError("05_tokenizer: write load_docs() in tokenizer_torch.py")


class Tokenizer:
    """Characters to token ids and back, for the characters that occur in `docs`.

    chars:       list of the distinct characters, sorted; the id of a character is its place here
    bos:         the id after the last character's
    vocab_size:  how many ids there are, BOS included
    """

    def __init__(self, docs: list[str]) -> None:
        """Collect the vocabulary of `docs`."""
        raise NotImplementedError("05_tokenizer: write Tokenizer.__init__() in tokenizer_torch.py")

    def encode(self, doc: str) -> Tensor:
        """The ids of the characters of `doc`, between two BOS: (len(doc) + 2,), long.

        ValueError: a character is not in the vocabulary; the text of the error contains it.
        """
        raise NotImplementedError("05_tokenizer: write Tokenizer.encode() in tokenizer_torch.py")

    def decode(self, ids: list[int] | Tensor) -> str:
        """The text of `ids`, a list or a long tensor (n,). BOS is left out wherever it stands."""
        raise NotImplementedError("05_tokenizer: write Tokenizer.decode() in tokenizer_torch.py")


def make_batch(docs: list[str], tokenizer: Tokenizer, block_size: int = 16) -> tuple[Tensor, Tensor]:
    """Inputs and targets of B documents, both (B, T) and long: the target is the token that follows the input.

    Of each document the first min(block_size, len(encoded) - 1) positions are used; T is the most of the batch. Behind
    the end of a shorter document the input is BOS, and the target -1: "do not count this place".
    """
    raise NotImplementedError("05_tokenizer: write make_batch() in tokenizer_torch.py")
