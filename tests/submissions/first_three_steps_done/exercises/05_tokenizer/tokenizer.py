"""Step 05: from names to numbers and back.

Each character of the names gets a number, its token id, in sorted order: with the 26 letters, a is 0 and z is 25. One
more id, BOS ("beginning of sequence"), stands at both ends of every name: it says "a name begins here", and for the
model, which learns to predict it, "the name ends here".

    "emma"  ->  [26, 4, 12, 12, 0, 26]
"""

from pathlib import Path


def load_docs(path: str | Path) -> list[str]:
    r"""The lines of a UTF-8 file, stripped, without the empty ones. Order and duplicates are kept.

    Lines end in \n or \r\n.
    """
    raise NotImplementedError("05_tokenizer: write load_docs() in tokenizer.py")


class Tokenizer:
    """Characters to token ids and back, for the characters that occur in `docs`.

    chars:       list of the distinct characters, sorted; the id of a character is its place here
    bos:         the id after the last character's
    vocab_size:  how many ids there are, BOS included
    """

    def __init__(self, docs: list[str]) -> None:
        """Collect the vocabulary of `docs`."""
        raise NotImplementedError("05_tokenizer: write Tokenizer.__init__() in tokenizer.py")

    def encode(self, doc: str) -> list[int]:
        """The ids of the characters of `doc`, between two BOS.

        ValueError: a character is not in the vocabulary; the text of the error contains it.
        """
        raise NotImplementedError("05_tokenizer: write Tokenizer.encode() in tokenizer.py")

    def decode(self, ids: list[int]) -> str:
        """The text of `ids`. BOS is left out wherever it stands."""
        raise NotImplementedError("05_tokenizer: write Tokenizer.decode() in tokenizer.py")
