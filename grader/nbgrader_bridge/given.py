"""The scores that people have set in formgrader, as overrides. Only reads the gradebook.

`grader nbgrader pull` writes them to a file; a push counts with them, so that penalties fit. Imports course, errors,
model and the report's sentences, and nbgrader where it is used.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable
from typing import Any

from grader.course import Module
from grader.errors import UserError
from grader.model import Override
from grader.report.sentences import short
from grader.scoring import points

REASON = "set in formgrader"
COLUMNS = ("learner", "module", "check", "points", "reason")
LONGEST = 500  # characters of a comment


def by_hand(book: Any, modules: Iterable[Module], learner: str | None = None) -> list[Override]:
    """All that was set by hand for one learner, or for everybody, sorted by learner and in the order of the course."""
    order = {(module.step, module.name): module for module in modules}
    touched: dict[tuple[str, str, str], Any] = {}
    for notebook in _touched(book, learner):
        touched[notebook.student.id, notebook.assignment.assignment.name, notebook.name] = notebook
    return [
        override
        for who in sorted({who for who, _, _ in touched})
        for (step, name), module in order.items()
        if (who, step, name) in touched
        for override in _overrides(who, module, touched[who, step, name])
    ]


def comments(book: Any) -> int:
    """How many submitted notebooks have a comment by a person and no score by one: overrides cannot carry those."""
    from nbgrader.api import Comment

    written = book.db.query(Comment).filter(Comment.manual_comment.is_not(None)).all()
    return sum(
        bool(one.manual_comment.strip()) and not any(map(is_set, one.notebook.grades)) for one in written
    )  # fmt: skip


def _touched(book: Any, learner: str | None) -> list[Any]:
    """The submitted notebooks in which somebody has set a score or extra credit."""
    from nbgrader.api import Grade, SubmittedAssignment, SubmittedNotebook
    from sqlalchemy import or_

    query = (
        book.db.query(SubmittedNotebook)
        .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
        .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
        .filter(or_(Grade.manual_score.is_not(None), Grade.extra_credit.is_not(None)))
    )
    if learner is not None:
        query = query.filter(SubmittedAssignment.student_id == learner)
    return [notebook for notebook in query.distinct() if any(map(is_set, notebook.grades))]


def is_set(grade: Any) -> bool:
    """Whether a person has given this cell a score; an extra credit of 0 is one that was taken back."""
    return grade.manual_score is not None or bool(grade.extra_credit)


def score(grade: Any) -> float:
    """What a cell counts, as nbgrader counts it. Its own column knows nothing of what has not been flushed."""
    base = grade.auto_score if grade.manual_score is None else grade.manual_score
    return float(base or 0) + float(grade.extra_credit or 0)


def _overrides(learner: str, module: Module, notebook: Any) -> list[Override]:
    """One for each check that was touched. Extra credit on a public test's cell counts with the first check."""
    grades = {grade.name: grade for grade in notebook.grades}
    for grade in grades.values():
        _require_possible(grade, learner, module)
    elsewhere = sum(grade.extra_credit or 0 for name, grade in grades.items() if name not in module.checks)
    first = next(iter(module.checks), "")
    comment = _comment(notebook)
    found = []
    for check in module.checks:
        more = elsewhere if check == first else 0
        if check in grades and (is_set(grades[check]) or more):
            extra = more + (grades[check].extra_credit or 0)
            counted = round(score(grades[check]) + more, 6)
            found.append(Override(learner, module.key, counted, _reason(extra, comment), check))
    return found


def _require_possible(grade: Any, learner: str, module: Module) -> None:
    """UserError: a score that an override cannot have. formgrader's page lets nobody type one."""
    for what, number in (("score", grade.manual_score), ("extra credit", grade.extra_credit)):
        if number is not None and not 0 <= number < math.inf:
            raise UserError(
                f"has a {what} of {number:g}",
                where=f"gradebook: {learner}, {module.step}, {module.name}, {grade.name}",
                next_step="set one of 0 or more in formgrader",
            )


def _comment(notebook: Any) -> str:
    return short(" ".join(one.manual_comment or "" for one in notebook.comments), LONGEST)


def _reason(extra: float, comment: str) -> str:
    with_extra = f", {points(extra)} of it extra credit" if extra else ""
    return f"{REASON}{with_extra}{f': {comment}' if comment else ''}"


def as_csv(overrides: Iterable[Override]) -> str:
    """A file of overrides as grader/overrides.py reads it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in overrides:
        writer.writerow([one.learner, one.module, one.check, repr(one.points), one.reason])
    return out.getvalue()
