"""The bytes of a notebook -> its cells, with what they say of themselves. Trusted side; nothing is executed.

Looked at are the cells' texts, types, ids and nbgrader's marks. Whatever has another type than it should is as good as
not there; outputs, attachments and all other metadata are not looked at. What only IPython reads is in texts.py.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from grader.intake import texts

FORMAT = 4  # of the notebook format; older ones have no `cells`
MOST_CELLS = 20_000  # each costs many times its length; a tutorial has four hundred
# Magics that run the rest of the cell, which does the same without them; then the one that makes it something else.
RUNNING = r"(?:\s*%%(?:time|capture|prun)(?!\S)[^\n]*(?:\n|\Z))*+"
MAGIC = re.compile(rf"{RUNNING}(?:\s*%%(?P<name>\S*)(?:[^\S\n]+(?P<about>[^\n]*))?(?:\n|\Z))?")
MODULE, FILE, TEST = "module", "writefile", "test"  # what makes a cell a file of the course, any file, a public test
FILES = {MODULE: MODULE, FILE: FILE, "file": FILE}  # by the magic's name
APPENDED = re.compile(r"\A(?:-a|--append)\s+")  # what %%writefile may have before the file's name
MOST_MAGIC = 20  # characters of a magic's name, where it is told of
DEFINED = re.compile(r"^(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)[ \t]*[(:\[]", re.MULTILINE)
TEXTS = re.compile(r"(\"{3}|'{3}).*?(?:\1|\Z)", re.DOTALL)
STATEMENT = re.compile(  # how a line of Python begins; nothing is parsed here, since that has no bounds
    r"\s|\Z|[@#)\]}\"']|(?:async|def|class|from|import|if|elif|else|for|while|with|try|except|finally|return|raise)\b"
    r"|[A-Za-z_][\w.]*[ \t]*(?:\Z|[(\[:=,]|[-+*/@%&|^]=)"
)
# How the ids of cells begin that are the course's own, or the learner's to try something out: see release/notebooks.py.
NOT_THE_MODULES = ("set-up", "setup", "text-", "public_", "shared-", "checks", "explore", "module-")
OF_A_COURSE = ("module-", "public_", "explore")  # no other notebook has ids like these


class NotANotebook(ValueError):
    """The bytes are no notebook that can be read: the text says why."""


@dataclass(frozen=True)
class Cell:
    """One cell, as far as it is looked at."""

    number: int  # its place among all cells
    is_code: bool
    text: str
    names: frozenset[str]  # its id, and the one that nbgrader knows it by
    is_test: bool  # by nbgrader's marks: graded, and not the learner's to write
    is_locked: bool

    @cached_property
    def magic(self) -> tuple[str, str]:
        """MODULE or FILE and the file in small letters, or (TEST, ""), by the cell's first line; ("", ""): neither.

        What runs the cell and no more may stand before that line.
        """
        found = MAGIC.match(self.text)
        name = found["name"] if found else None
        if found is None or name not in FILES:
            return (TEST if name == TEST else ""), ""
        about = APPENDED.sub("", (found["about"] or "").strip(), count=1)
        file = about.strip("\"'").replace("\\", "/").rpartition("/")[2].lower()
        return FILES[name], file and (f"{file.removesuffix('.py')}.py" if name == MODULE else file)

    @cached_property
    def python(self) -> str:
        """The cell without the line that makes it a file; what else only IPython reads becomes a comment."""
        text = self._body
        if self.not_python:
            return "\n".join(f"# {line}" for line in text.split("\n"))
        return texts.without_ipythons(text)

    @cached_property
    def _body(self) -> str:
        """The cell without what is above its file, where it is one."""
        found = MAGIC.match(self.text) if self.magic[0] in (MODULE, FILE) else None
        return self.text[found.end() :] if found else self.text

    @cached_property
    def not_python(self) -> str:
        """The magic that makes of the cell something else than Python that runs and stays, as %%bash; "": none does."""
        found = MAGIC.match(self._body)
        name = found["name"] if found else None
        return "" if name is None else f"%%{name[:MOST_MAGIC]}"

    @cached_property
    def defines(self) -> frozenset[str]:
        """The functions and classes that it defines at its top."""
        return frozenset(DEFINED.findall(self.python) if DEFINED.search(self.text) else ())

    @property
    def begins_within(self) -> bool:
        """Whether it begins indented, as what was cut off a function or class does."""
        return self.text.lstrip("\n")[:1] in (" ", "\t")

    @property
    def may_be_code(self) -> bool:
        """Whether it is a code cell, or was one before its type was changed: lines of prose begin in another way."""
        lines = [] if self.is_code else TEXTS.sub("", self.text).split("\n")
        return all(STATEMENT.match(line) for line in lines)

    @property
    def is_of_a_course(self) -> bool:
        """Whether it says of itself that it is one of our notebooks' cells."""
        return self.magic[0] in (MODULE, TEST) or any(name.startswith(OF_A_COURSE) for name in self.names)

    @property
    def is_not_the_modules(self) -> bool:
        """Whether it says of itself that it is the course's, or there to try something out."""
        marked = self.is_test or self.is_locked or self.magic[0] == TEST
        return marked or any(name.startswith(NOT_THE_MODULES) for name in self.names)


def cells(content: bytes) -> list[Cell]:
    """The cells in order. NotANotebook: the bytes are none, or a code cell has no text."""
    try:
        notebook = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise NotANotebook(f"no JSON ({type(error).__name__})") from None
    found = notebook.get("cells") if type(notebook) is dict and notebook.get("nbformat") == FORMAT else None
    if type(found) is not list:
        raise NotANotebook(f"not of format {FORMAT}")
    if len(found) > MOST_CELLS:
        raise NotANotebook(f"has more than {MOST_CELLS:,} cells")
    if not all(type(cell) is dict for cell in found):
        raise NotANotebook("has a cell that is none")
    return [_cell(number, cell) for number, cell in enumerate(found)]


def _cell(number: int, cell: dict[str, Any]) -> Cell:
    metadata = cell.get("metadata")
    marks = metadata.get("nbgrader") if type(metadata) is dict else None
    marks = marks if type(marks) is dict else {}
    is_test = marks.get("grade") is True and marks.get("solution") is not True
    is_code = cell.get("cell_type") == "code"
    text = _text(cell.get("source"))
    if text is None and is_code and not is_test:
        raise NotANotebook("has a code cell without a source")
    names = frozenset(name for name in (cell.get("id"), marks.get("grade_id")) if type(name) is str)
    return Cell(number, is_code, text or "", names, is_test, marks.get("locked") is True)


def _text(source: object) -> str | None:
    if type(source) is list and all(type(line) is str for line in source):
        return "".join(source)
    return source if type(source) is str else None
