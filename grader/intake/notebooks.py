"""A notebook -> the source of a module that is in it. Trusted side; nothing in it is executed.

In a notebook of the course one cell is the module, and says so: by its id, by nbgrader's name for it, or by its first
line, `%%module NAME.py` (or `%%writefile NAME.py`). Where that is lost, or the cell was cut, what the cells define
tells: the names that the module has as it was handed out. So it does where the module's cell leaves some of them to be
written, and other cells have written them. In a notebook that is not the course's, all code cells together are the
module.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from grader.intake import texts
from grader.intake.cells import DEFINED, FILE, MODULE, TEST, Cell, NotANotebook, cells

__all__ = ["Found", "Looked", "NotANotebook", "Unclear", "Wanted", "look", "read"]

ID = "module"  # of a module's cell; with the step behind it where a notebook has several
MOST_PIECES = 100  # of one module, equal ones not counted: each is compared with the others
MOST_TOLD = 5  # magics of cells that are left out
CALLED = re.compile(r"\b(\w+)[ \t]*\(")
CODE = re.compile(r"^[ \t]*[^#\s]", re.MULTILINE)
FUTURE = re.compile(r"^from[ \t]+__future__[ \t]+import[ \t].*\n?", re.MULTILINE)  # Python wants it at the top


class Unclear(ValueError):
    """Cells of a notebook claim to be the same module, and differ: the text says how."""


@dataclass(frozen=True)
class Wanted:
    """The module that is looked for, as the course has it."""

    step: str = ""
    file: str = ""
    stub: str = ""  # the module as it was handed out; "": that is not known
    others: frozenset[str] = frozenset()  # the course's other module files, in small letters
    alone: bool = True  # whether the notebook is this module's only, and not one of all steps

    @cached_property
    def plain(self) -> str:
        return texts.plain(self.stub)

    @cached_property
    def title(self) -> str:
        """How it begins, where that is a text of the course's; "": it begins like others."""
        first = self.plain.partition("\n")[0]
        return first if first.startswith('"""') else ""

    @cached_property
    def lines(self) -> frozenset[str]:
        return frozenset(self.plain.split("\n"))

    @cached_property
    def names(self) -> frozenset[str]:
        """The functions and classes that it must have."""
        return frozenset(DEFINED.findall(self.stub))

    @cached_property
    def ids(self) -> frozenset[str]:
        return frozenset({f"{ID}-{self.step}", *([ID] if self.alone else [])})


@dataclass(frozen=True)
class Found:
    """The source of a module; None: there is nothing of it in the notebook."""

    source: bytes | None
    how: str = ""  # it was found, where that is not by one cell that says that it is the module
    without: tuple[str, ...] = ()  # cells, by the magics for which they are no Python of the module


@dataclass(frozen=True)
class Looked:
    """What a notebook under another name than the course's may be."""

    files: frozenset[str]  # that cells of it say they are, in small letters
    holds_code: bool


@dataclass(frozen=True)
class Piece:
    """A cell that is the module, or a part of it."""

    cell: Cell
    plain: str
    names: frozenset[str]  # of the module's, those that it defines
    is_untouched: bool


def read(content: bytes, wanted: Wanted) -> Found:
    """The source of the module.

    NotANotebook: the bytes are none. Unclear: several cells that differ claim to be the module.
    """
    found = cells(content)
    own = [cell for cell in found if _is_own(cell, wanted)]
    if not own and not any(_is_ours(cell, wanted) for cell in found):
        return _together(found, wanted) if wanted.alone else Found(None)
    numbers = {cell.number for cell in own}
    loose = [cell for cell in found if cell.number not in numbers and _is_loose(cell, wanted)]
    lost = _lost(own, loose, wanted)
    chosen = _with_rests([*own, *lost], loose, found)
    distinct = _distinct(chosen, wanted)
    pieces = _settled(distinct)
    numbers = {cell.number for cell in chosen}
    left = texts.to_write("\n".join(piece.cell.python for piece in pieces), wanted.stub)
    answers = _answers(pieces, left, [cell for cell in loose if cell.number not in numbers], wanted)
    settled = [piece.cell for piece in pieces] + answers
    missing = wanted.names - _defined(settled) | left - _defined(answers)
    needed = [*own, *(cell for cell in loose if not missing.isdisjoint(DEFINED.findall(cell.text)))]
    without = _distinct_magics(cell.not_python for cell in needed if cell.magic[0] != TEST)
    if not pieces:
        return Found(None, without=without)
    told = {
        "by what its cells define": bool(lost),
        "its cell is there more than once, and the same": len(distinct) < sum(map(_holds_code, chosen)),
        "without the copies that say less": len(pieces) < len(distinct),
        "with what is written in cells of its own": bool(answers),
        f"{len(settled)} cells joined": len(settled) > 1,
        "from a cell that is no code cell": not all(cell.is_code for cell in settled),
    }
    source = _joined([piece.cell for piece in pieces], answers)
    return Found(source, ", ".join(phrase for phrase, holds in told.items() if holds), without)


def look(content: bytes) -> Looked:
    """NotANotebook: the bytes are none."""
    found = cells(content)
    files = {cell.magic[1] for cell in found if cell.magic[0] in (MODULE, FILE)}
    return Looked(frozenset(files), any(cell.is_code and CODE.search(cell.text) for cell in found))


def _source(text: str) -> bytes:
    return f"{text}\n".encode("utf-8", "surrogatepass")


def _joined(pieces: list[Cell], answers: list[Cell]) -> bytes:
    """The cells' texts: the answers come last, so that what they define holds."""
    text, below = ("\n".join(cell.python.strip("\n") for cell in some) for some in (pieces, answers))
    if not below:
        return _source(text)
    top = "" if FUTURE.search(text) else "".join(FUTURE.findall(below))
    return _source("\n".join([top + text, FUTURE.sub("", below)]))


def _together(found: Iterable[Cell], wanted: Wanted) -> Found:
    """All that is code and no test, as it is in a notebook that is not the course's."""
    code = [cell for cell in found if cell.is_code and not cell.is_test and cell.magic[1] not in wanted.others]
    sources = [cell.python for cell in code if cell.magic[0] != FILE]
    without = _distinct_magics(f"%%{FILE}" if cell.magic[0] == FILE else cell.not_python for cell in code)
    if not any(map(CODE.search, sources)):
        return Found(None, without=without)
    how = "all its code cells together, since none says that it is the module"
    return Found(_source("\n\n".join(sources)), how, without)


def _distinct_magics(magics: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, magics)))[:MOST_TOLD]


def _is_own(cell: Cell, wanted: Wanted) -> bool:
    """Whether the cell says that it is this module. What its first line says is what running it does."""
    magic, file = cell.magic
    if file in wanted.others or (magic == FILE and file != wanted.file.lower()):
        return False
    if magic in (MODULE, FILE) and (file == wanted.file.lower() or (wanted.alone and not file)):
        return True
    return not wanted.ids.isdisjoint(cell.names)


def _is_ours(cell: Cell, wanted: Wanted) -> bool:
    """Whether only a notebook of the course has such a cell: by its marks, or by how the module's own text begins."""
    return cell.is_of_a_course or (bool(wanted.title) and wanted.title in cell.text)


def _is_loose(cell: Cell, wanted: Wanted) -> bool:
    """Whether the cell may be of the module, though it does not say so."""
    magic, file = cell.magic
    is_other = magic == FILE or file in wanted.others
    return bool(cell.text.strip()) and not is_other and not cell.is_not_the_modules


def _lost(own: list[Cell], loose: list[Cell], wanted: Wanted) -> list[Cell]:
    """Where its own cells do not define all of it: the cells that are parts of the module by what they define."""
    missing = wanted.names - _defined(own)
    found = [cell for cell in loose if missing & cell.defines and cell.may_be_code]
    if not found:
        return []
    given = [cell for cell in loose if cell.may_be_code and _is_mostly(cell, wanted.lines)]
    return list(dict.fromkeys([*found, *given, *_called([*own, *found, *given], loose)]))


def _defined(some: Iterable[Cell]) -> set[str]:
    return {name for cell in some for name in cell.defines}


def _is_mostly(cell: Cell, lines: frozenset[str]) -> bool:
    """Whether half of its lines are the stub's: imports, texts and what is given, which define no name of it."""
    own = texts.plain(cell.python).split("\n")
    return 2 * sum(line in lines for line in own) >= len(own)


def _called(some: list[Cell], loose: list[Cell]) -> list[Cell]:
    """The cells that define a function or class that these call and do not have, directly or not."""
    by_name = {name: cell for cell in loose if cell.is_code for name in cell.defines}
    found: dict[Cell, None] = {}
    known = _defined(some)
    while some:
        known |= {name for cell in some for name in texts.imported(cell.python)}
        called = {name for cell in some for name in CALLED.findall(cell.python)} - known
        some = [by_name[name] for name in called if name in by_name and by_name[name] not in found]
        known |= called
        found |= dict.fromkeys(some)
    return list(found)


def _with_rests(chosen: list[Cell], loose: list[Cell], found: list[Cell]) -> list[Cell]:
    """The cells, and after each what was cut off it: what follows at once and begins within a function or class."""
    numbers, may_be = {cell.number for cell in chosen}, {cell.number for cell in loose}
    before = -1  # the last cell with a text
    for cell in found:
        if not cell.text.strip():
            continue
        if before in numbers and cell.number in may_be and cell.begins_within and cell.may_be_code:
            numbers.add(cell.number)
        before = cell.number
    return [cell for cell in found if cell.number in numbers]


def _holds_code(cell: Cell) -> bool:
    """Whether there is more in it than comments."""
    return CODE.search(cell.python) is not None


def _distinct(chosen: list[Cell], wanted: Wanted) -> list[Piece]:
    """The cells that hold something, each text once. Unclear: more than anybody makes."""
    by_text: dict[str, Piece] = {}
    names = wanted.names or _defined(chosen)
    for cell in filter(_holds_code, chosen):
        plain = texts.plain(cell.python)
        if plain in by_text:
            continue
        is_stubs = texts.is_part(plain, wanted.plain) or texts.says_no_more(cell.python, wanted.stub)
        is_untouched = bool(wanted.stub) and is_stubs
        by_text[plain] = Piece(cell, plain, cell.defines & names, is_untouched)
        if len(by_text) > MOST_PIECES:
            raise Unclear(f"in more than {MOST_PIECES} cells that differ")
    return list(by_text.values())


def _settled(pieces: list[Piece]) -> list[Piece]:
    """The pieces without copies: no name of the module is defined in two of them. Unclear: two that differ do."""
    of_work = {name for piece in pieces if not piece.is_untouched for name in piece.names}
    kept = [piece for piece in pieces if not piece.is_untouched or of_work.isdisjoint(piece.names)]
    for piece in list(kept):
        others = [other for other in kept if other is not piece and other.names & piece.names]
        if any(piece.is_untouched or texts.is_part(piece.plain, other.plain) for other in others):
            kept.remove(piece)  # as much as nothing, or a part of what is there in whole
    counted = [name for piece in kept for name in piece.names]
    if len(counted) > len(set(counted)):
        raise Unclear("in two cells that differ")
    return kept


def _answers(pieces: list[Piece], left: frozenset[str], loose: list[Cell], wanted: Wanted) -> list[Cell]:
    """The cells that write what the pieces have left to be written, and what these call, in the notebook's order.

    Unclear: what one of all these cells writes, another has in another way, or a later one leaves to be written.
    """
    found: dict[str, Cell] = {}
    for cell in loose:
        if left & cell.defines and cell.may_be_code and left & cell.defines - texts.to_write(cell.python, wanted.stub):
            found.setdefault(texts.plain(cell.python), cell)
        if len(found) > MOST_PIECES:
            raise Unclear(f"in more than {MOST_PIECES} cells that differ")
    if not found:
        return []
    own = [piece.cell for piece in pieces]
    answers = sorted({*found.values(), *_called([*own, *found.values()], loose)}, key=lambda cell: cell.number)
    written: dict[str, list[str]] = {}
    for cell in (*own, *answers):
        for name, said in texts.definitions(cell.python).items():
            is_written = name in wanted.names and name not in texts.to_write(cell.python, wanted.stub)
            if name in written or is_written:
                first = written.setdefault(name, said)
                if first != said:
                    raise Unclear("in two cells that differ")
    return answers
