"""What the hidden tests of 05_tokenizer ask of `tokenizer_torch.py`. Untrusted side: runs beside that module."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import kit_torch  # before any learner code: it notes the settings of an untouched process

# isort: split
import kit_file
import tokenizer_torch
import torch


def _plain(found: Any, wanted: type, what: str) -> Any:
    """`found`, which must be of this type exactly."""
    if type(found) is not wanted:
        raise kit_torch.WrongAnswer(f"{what} is {kit_torch.kind(found)}; it must be {kit_torch.kind(wanted())}")
    return found


def _texts(found: Any, what: str) -> list[str]:
    return [_plain(text, str, f"{what}[{i}]") for i, text in enumerate(_plain(found, list, what))]


def _attribute(made: Any, name: str) -> Any:
    try:
        return getattr(made, name)
    except AttributeError:
        raise kit_torch.WrongAnswer(f"a Tokenizer has no attribute {name}") from None


def _long(found: Any, dimensions: int, what: str) -> dict[str, Any]:
    """A long tensor of so many dimensions."""
    ids = kit_torch.tensor(found, what)
    if ids.dtype != torch.long:
        raise kit_torch.WrongAnswer(f"{what} is a tensor of {ids.dtype}; it must be torch.long (torch.int64)")
    if ids.dim() != dimensions:
        raise kit_torch.WrongAnswer(f"{what} has shape {tuple(ids.shape)}; it must have {dimensions} dimension(s)")
    return {"shape": list(ids.shape), "ids": ids.reshape(-1).tolist()}


def _ids(found: Any) -> list[int]:
    return _long(found, 1, "what encode() returned")["ids"]


def _text(found: Any) -> str:
    return _plain(found, str, "what decode() returned")


def _batch(found: Any) -> dict[str, Any]:
    """The two tensors of make_batch."""
    if type(found) not in (tuple, list):
        raise kit_torch.WrongAnswer(f"make_batch() returned {kit_torch.kind(found)}; it must return inputs, targets")
    if len(found) != 2:
        raise kit_torch.WrongAnswer(f"make_batch() returned {len(found)} things; it must return inputs, targets")
    return {"inputs": _long(found[0], 2, "the inputs"), "targets": _long(found[1], 2, "the targets")}


def lines(content: bytes, as_path: bool) -> list[str]:
    """The documents of a file, whose path is a str, or a Path given by name."""
    path = kit_file.path_of(content)
    found = tokenizer_torch.load_docs(path=Path(path)) if as_path else tokenizer_torch.load_docs(path)
    return _texts(found, "what load_docs() returned")


def lines_elsewhere(content: bytes) -> list[str]:
    """The documents of a file on a computer whose own encoding is not UTF-8."""
    with kit_file.latin_1_computer():
        return lines(content, False)


def vocabulary(docs: list[str]) -> dict[str, Any]:
    """The three attributes of a tokenizer."""
    made = tokenizer_torch.Tokenizer(docs)
    return {
        "chars": _texts(_attribute(made, "chars"), "chars"),
        "bos": _plain(_attribute(made, "bos"), int, "bos"),
        "vocab_size": _plain(_attribute(made, "vocab_size"), int, "vocab_size"),
    }


def encoded(docs: list[str], texts: list[str]) -> list[list[int]]:
    """The ids of some texts by one tokenizer."""
    made = tokenizer_torch.Tokenizer(docs)
    return [_ids(made.encode(text)) for text in texts]


def encoded_again(docs: list[str], text: str) -> list[int]:
    """The ids of a text, when the caller has overwritten those that came first."""
    made = tokenizer_torch.Tokenizer(docs=docs)
    first = made.encode(text)
    _ids(first)
    first.fill_(0)
    return _ids(made.encode(doc=text))


def decoded(docs: list[str], ids: list[int]) -> str:
    """The text of a list of ids."""
    return _text(tokenizer_torch.Tokenizer(docs).decode(ids))


def decoded_tensor(docs: list[str], ids: list[int]) -> str:
    """The text of a long tensor of ids."""
    return _text(tokenizer_torch.Tokenizer(docs).decode(ids=torch.tensor(ids, dtype=torch.long)))


def there_and_back(docs: list[str], texts: list[str]) -> list[str]:
    """Each text encoded and decoded by one tokenizer."""
    made = tokenizer_torch.Tokenizer(docs)
    return [_text(made.decode(made.encode(text))) for text in texts]


def side_by_side(docs: list[str], others: list[str], text: str) -> dict[str, Any]:
    """What a tokenizer says of a text before and after another one is made, and what the other one says."""
    first = tokenizer_torch.Tokenizer(docs)
    before = _ids(first.encode(text))
    second = tokenizer_torch.Tokenizer(others)
    return {
        "before": before,
        "other": _ids(second.encode(text)),
        "after": _ids(first.encode(text)),
        "text": _text(first.decode(before[1:-1])),
        "sizes": [_plain(_attribute(one, "vocab_size"), int, "vocab_size") for one in (first, second)],
    }


def batch(vocabulary: list[str], docs: list[str], block_size: int | None) -> dict[str, Any]:
    """Inputs and targets of some documents, with `block_size` left out for None."""
    made = tokenizer_torch.Tokenizer(vocabulary)
    if block_size is None:
        return _batch(tokenizer_torch.make_batch(docs=docs, tokenizer=made))
    return _batch(tokenizer_torch.make_batch(docs, made, block_size=block_size))


def width(vocabulary: list[str], docs: list[str], block_size: int | None) -> int:
    """How many positions the inputs of `batch` have."""
    return batch(vocabulary, docs, block_size)["inputs"]["shape"][1]


def after(docs: list[str], ids: list[int], block_size: int) -> dict[str, Any]:
    """What was given, after everything was used, and the settings that are not as they were."""
    given, numbers, tensor = list(docs), list(ids), torch.tensor(ids, dtype=torch.long)
    made = tokenizer_torch.Tokenizer(given)
    _text(made.decode(numbers))
    _text(made.decode(tensor))
    _batch(tokenizer_torch.make_batch(given, made, block_size))
    return {"docs": given, "ids": numbers, "tensor": tensor.tolist(), "settings": kit_torch.changed()}
