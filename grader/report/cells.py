"""What the exports to learning platforms share: columns, numbers, names, and when a cell stays empty. Pure.

Two rules hold for every platform. What was not graded, and who handed in nothing, gets no number: a 0 is a mark, and
nobody has given it. Points that somebody gave such a learner for one module are a number for this one, and a column of
several modules is the sum of those that have one. And a cell that identifies a learner is written as the roster has it,
to the letter, even if a spreadsheet would take it for a formula: an apostrophe in front would make it another id. Such
cells come from the platform itself. Everything that a learner may have chosen (names, names of folders) is made inert.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass

from grader.course import Module
from grader.model import NOTHING, Grade
from grader.report.grades import FORMULA

LONGEST = 200  # characters of a name


@dataclass(frozen=True)
class Column:
    """One column of points: its title, the modules whose points it adds up, and how many there are to earn."""

    title: str
    keys: tuple[str, ...]
    possible: float


def columns(modules: list[Module], per: str, title: str) -> list[Column]:
    """The columns for `per` "total" (one, called `title`), "step" or "module". KeyError: another `per`."""
    groups: dict[str, list[Module]] = {}
    for module in modules:
        name = {"total": title, "step": module.step, "module": module.key}[per]
        groups.setdefault(name, []).append(module)
    return [
        Column(name, tuple(module.key for module in some), sum(module.points for module in some))
        for name, some in groups.items()
    ]


def earned(grade: Grade, column: Column, zeros: bool = False) -> float | None:
    """The points for a cell; None: it stays empty.

    `zeros`: who handed in nothing gets 0. What was not graded gets nothing at all, whatever is asked for.
    """
    number = grade.sum(key for key in column.keys if key in grade.marks)
    return 0.0 if number is None and zeros and grade.state == NOTHING else number


def parts(grades: Iterable[Grade]) -> list[str]:
    """Who has numbers for some modules alone, since people gave them: a total is then the sum of these."""
    found = []
    for grade in sorted_grades(grades):
        known = [key for key in grade.marks if grade.number(key) is not None]
        if grade.counts and len(known) < len(grade.marks):
            found.append(
                f"{inert(grade.learner)} ({grade.state}) has numbers for {len(known)} of {len(grade.marks)} modules, "
                "given by hand: a total is the sum of these"
            )
    return found


def inert(text: str) -> str:
    """A name on one line, without control characters, that no spreadsheet takes for a formula."""
    line = "".join(c if c.isprintable() else "?" for c in text)[:LONGEST]
    return f"'{line}" if line.lstrip().startswith(FORMULA) else line


def table(rows: Iterable[Iterable[str]]) -> str:
    """The rows as CSV: commas, a line feed after each row, quotes only where they are needed."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def sorted_grades(grades: Iterable[Grade]) -> list[Grade]:
    return sorted(grades, key=lambda grade: grade.learner)
