"""grades.csv: points that count, one row a learner."""

from __future__ import annotations

import csv
import io

from grader.course import Module
from grader.model import Grade
from grader.report.sentences import spelt
from grader.scoring import points

FORMULA = tuple("=+-@＝＋－＠")  # what makes a spreadsheet compute a cell instead of showing it  # noqa: RUF001


def shown(text: str) -> str:
    """`text` as a cell on one line that no spreadsheet computes: one that looks like a formula gets an apostrophe."""
    line = spelt(text)
    return f"'{line}" if line.lstrip().startswith(FORMULA) else line


def grades_csv(grades: list[Grade], modules: list[Module]) -> str:
    """`learner,name,01_value/pure,...,total,status`; no name without a roster. What has no number is empty.

    The total is the sum of what has one; `status` says who is not graded, also where people gave points for something.
    """
    named = any(grade.name for grade in grades)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["learner", *(["name"] if named else []), *(module.key for module in modules), "total", "status"])
    for grade in grades:
        numbers = [grade.number(module.key) for module in modules] + [grade.total if grade.counts else None]
        writer.writerow(
            [
                shown(grade.learner),
                *([shown(grade.name)] if named else []),
                *("" if number is None else points(number) for number in numbers),
                grade.state,
            ]
        )
    return out.getvalue()
