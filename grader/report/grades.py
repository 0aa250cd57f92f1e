"""grades.csv: points that count, one row a learner."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from grader.course import Module
from grader.model import Grade
from grader.report.sentences import spelt
from grader.scoring import points

FORMULA = tuple("=+-@＝＋－＠")  # what makes a spreadsheet compute a cell instead of showing it  # noqa: RUF001  # full-width forms too


def shown(text: str) -> str:
    """`text` as a cell on one line that no spreadsheet computes: one that looks like a formula gets an apostrophe."""
    line = spelt(text)
    return f"'{line}" if line.lstrip().startswith(FORMULA) else line


class Table:
    """`learner,name,01_value/pure,...,total,status`, row by row; no name without a roster. What has no number is empty.

    The total is the sum of what has one; `status` says who is not graded, also where people gave points for something.
    """

    def __init__(self, modules: list[Module]) -> None:
        self.keys = [module.key for module in modules]
        self.rows: list[tuple[str, str, str]] = []  # learner, name, and all other cells with commas between them

    def add(self, grade: Grade) -> None:
        numbers = [*map(grade.number, self.keys), grade.total if grade.counts else None]
        cells = ["" if number is None else points(number) for number in numbers]
        self.rows.append((shown(grade.learner), shown(grade.name), ",".join([*cells, grade.state])))

    def csv(self) -> str:
        named = any(name for _, name, _ in self.rows)
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["learner", *(["name"] if named else []), *self.keys, "total", "status"])
        for learner, name, cells in self.rows:
            writer.writerow([learner, *([name] if named else []), *cells.split(",")])
        return out.getvalue()


def grades_csv(grades: Iterable[Grade], modules: list[Module]) -> str:
    """The whole of grades.csv."""
    table = Table(modules)
    for grade in grades:
        table.add(grade)
    return table.csv()
