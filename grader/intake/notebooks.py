"""A notebook -> the source of the module that its code cells make. Trusted side; nothing in it is executed."""

from __future__ import annotations

import json
import re
from typing import Any

FORMAT = 4  # of the notebook format; older ones have no `cells`
# A line that only IPython reads. Python's own `% b` and `!= b` may begin a line too, within parentheses.
IPYTHONS = re.compile(r"\s*(%{1,2}[A-Za-z].*|!(?!=).*|\?.*|[\w.]+\?{1,2}\s*)")


class NotANotebook(ValueError):
    """The bytes are no notebook that can be read: the text says why."""


def source(content: bytes) -> bytes:
    """The source of the module. NotANotebook: there is none.

    Cells that nbgrader calls tests are left out, since they are the course's. What only IPython understands becomes a
    comment. Outputs, attachments and all other metadata are not looked at.
    """
    cells = [_text(cell) for cell in _cells(content) if cell.get("cell_type") == "code" and not _is_test(cell)]
    text = "\n\n".join(_plain_python(cell) for cell in cells)
    return f"{text}\n".encode("utf-8", "surrogatepass")


def _cells(content: bytes) -> list[dict[str, Any]]:
    try:
        notebook = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise NotANotebook(f"no JSON ({type(error).__name__})") from None
    cells = notebook.get("cells") if type(notebook) is dict and notebook.get("nbformat") == FORMAT else None
    if type(cells) is not list:
        raise NotANotebook(f"not of format {FORMAT}")
    if not all(type(cell) is dict for cell in cells):
        raise NotANotebook("has a cell that is none")
    return cells


def _text(cell: dict[str, Any]) -> str:
    text = cell.get("source")
    if type(text) is list and all(type(line) is str for line in text):
        return "".join(text)
    if type(text) is not str:
        raise NotANotebook("has a code cell without a source")
    return text


def _is_test(cell: dict[str, Any]) -> bool:
    metadata = cell.get("metadata")
    marks = metadata.get("nbgrader") if type(metadata) is dict else None
    return type(marks) is dict and marks.get("grade") is True and marks.get("solution") is not True


def _plain_python(text: str) -> str:
    """The cell with magics, shell lines and questions to IPython turned into comments."""
    lines = text.split("\n")
    if text.lstrip().startswith("%%"):
        return "\n".join(f"# {line}" for line in lines)
    return "\n".join(f"# {line}" if IPYTHONS.fullmatch(line) else line for line in lines)
