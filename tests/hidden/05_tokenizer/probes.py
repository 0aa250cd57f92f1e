"""What 05_tokenizer is asked: the lines of files, vocabularies, and text to token ids and back.

Untrusted side: runs in the worker, beside the learner's modules. Imports the standard library, `kit_file` and
`tokenizer` only: not `kit`, since this step stands without `value`, and so do its marks.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import kit_file
import tokenizer


class WrongAnswer(Exception):
    """Learner code gave a thing of the wrong kind. The learner reads the text, so it holds no expected value."""


def _kind(thing: object) -> str:
    """What `thing` is, for a sentence: `a tuple`, `an int`, `None`."""
    name = type(thing).__name__
    return "None" if thing is None else f"{'an' if name[:1] in 'aeiouAEIOU' else 'a'} {name}"


def _attribute(owner: Any, name: str) -> Any:
    """An attribute that every Tokenizer has."""
    found = getattr(owner, name, _attribute)  # the function itself stands for "none": nobody stores it
    if found is _attribute:
        raise WrongAnswer(f"a Tokenizer has no attribute {name}")
    return found


def _list(found: Any, item: type, what: str) -> list[Any]:
    """`found`, which must be a list of `item`: exactly these types."""
    if type(found) is not list:
        raise WrongAnswer(f"{what} is {_kind(found)}; it must be a list of {item.__name__}")
    for i, one in enumerate(found):
        if type(one) is not item:
            raise WrongAnswer(f"{what}[{i}] is {_kind(one)}; it must be {_kind(item())}")
    return list(found)


def _text(found: Any, what: str) -> str:
    """`found`, which must be a str."""
    if type(found) is not str:
        raise WrongAnswer(f"{what} is {_kind(found)}; it must be a str")
    return found


def _number(found: Any, what: str) -> int:
    """`found`, which must be an int."""
    if type(found) is not int:
        raise WrongAnswer(f"{what} is {_kind(found)}; it must be an int")
    return found


def _ids(found: Any) -> list[int]:
    """The ids that encode returned."""
    return _list(found, int, "what encode() returned")


def lines(content: bytes) -> list[str]:
    """The documents of a file, whose path is a str."""
    return _list(tokenizer.load_docs(kit_file.path_of(content)), str, "what load_docs() returned")


def lines_by_path(content: bytes) -> list[str]:
    """The documents of a file, whose path is a Path and given by name."""
    return _list(tokenizer.load_docs(path=Path(kit_file.path_of(content))), str, "what load_docs() returned")


def lines_elsewhere(content: bytes) -> list[str]:
    """The documents of a file on a computer whose own encoding is not UTF-8."""
    with kit_file.latin_1_computer():
        return lines(content)


def vocabulary(docs: list[str]) -> dict[str, Any]:
    """The three attributes of a tokenizer."""
    made = tokenizer.Tokenizer(docs)
    return {
        "chars": _list(_attribute(made, "chars"), str, "chars"),
        "bos": _number(_attribute(made, "bos"), "bos"),
        "vocab_size": _number(_attribute(made, "vocab_size"), "vocab_size"),
    }


def docs_afterwards(docs: list[str]) -> list[str]:
    """The list that was given to a tokenizer by name, when it was made and used."""
    given = list(docs)
    tokenizer.Tokenizer(docs=given).encode(docs[0])
    return given


def encoded(docs: list[str], doc: str) -> list[int]:
    """The ids of one document."""
    return _ids(tokenizer.Tokenizer(docs).encode(doc))


def encoded_again(docs: list[str], doc: str) -> list[int]:
    """The ids of one document, given by name, when the caller has emptied the list that came first."""
    made = tokenizer.Tokenizer(docs)
    _ids(made.encode(doc))
    made.encode(doc).clear()
    return _ids(made.encode(doc=doc))


def decoded(docs: list[str], ids: list[int]) -> str:
    """The text of some ids."""
    return _text(tokenizer.Tokenizer(docs).decode(ids), "what decode() returned")


def ids_afterwards(docs: list[str], ids: list[int]) -> list[int]:
    """The list that was given to decode, by name, when it returned."""
    given = list(ids)
    tokenizer.Tokenizer(docs).decode(ids=given)
    return given


def there_and_back(docs: list[str], texts: list[str]) -> list[str]:
    """Each text encoded and decoded by one tokenizer."""
    made = tokenizer.Tokenizer(docs)
    return [_text(made.decode(made.encode(text)), "what decode() returned") for text in texts]


def side_by_side(docs: list[str], others: list[str], doc: str) -> dict[str, Any]:
    """What a tokenizer says of a document before and after another one is made, and what the other one says."""
    first = tokenizer.Tokenizer(docs)
    before = _ids(first.encode(doc))
    second = tokenizer.Tokenizer(others)
    return {
        "before": before,
        "other": _ids(second.encode(doc)),
        "after": _ids(first.encode(doc)),
        "text": _text(first.decode(before), "what decode() returned"),
        "sizes": [_number(_attribute(one, "vocab_size"), "vocab_size") for one in (first, second)],
    }
