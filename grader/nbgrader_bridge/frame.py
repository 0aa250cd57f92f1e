"""A new nbgrader course: its folder, its configuration, its assignments in the gradebook with their due dates.

What is in the notebooks, `source` decides; the command line brings both together.
Imports course, errors and scoring.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from grader.course import Course
from grader.errors import UserError
from grader.nbgrader_bridge import books
from grader.scoring import due

HEAD = """\
# nbgrader reads this file when it runs in this folder. Made by `grader nbgrader init` for {title!r}.
from pathlib import Path

c = get_config()  # noqa: F821  # nbgrader defines it
c.CourseDirectory.root = str(Path(__file__).resolve().parent)
c.CourseDirectory.course_id = {course_id!r}
"""
DATABASE = "c.CourseDirectory.db_url = {url!r}\n"


def init(
    course: Course, folder: Path, db: str | None, write_source: Callable[[], object], settings: str = ""
) -> list[str]:
    """Make an nbgrader course in `folder`, which is new or empty. Returns the names of its assignments.

    `write_source` writes DIR/source/; `settings` are more lines of its configuration. UserError: the folder is not
    empty, or the gradebook cannot be made; nothing is left behind then.
    """
    books.require()
    url = None if db is None else books.absolute(db)
    made = not folder.exists()
    _require_empty(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_source()
        file = folder / books.CONFIG
        file.touch(mode=0o600 if url is not None else 0o644)  # a password may be in it
        file.write_text(config(course, url) + settings, encoding="utf-8")
        return _assignments(course, folder)
    except BaseException:
        for part in folder.iterdir() if folder.is_dir() else ():
            shutil.rmtree(part) if part.is_dir() else part.unlink()
        if made and folder.is_dir():
            folder.rmdir()
        raise


def _require_empty(folder: Path) -> None:
    """UserError: something is there, and it may be somebody's course."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError(
            "is not empty: nothing in it is touched", where=str(folder), next_step="give a new folder, or empty it"
        )


def config(course: Course, url: str | None) -> str:
    head = HEAD.format(title=course.title, course_id=course_id(course))
    return head + (DATABASE.format(url=url) if url is not None else "")


def course_id(course: Course) -> str:
    """The course's title as the name of a folder, which nbgrader's exchange makes of it."""
    return re.sub(r"\W+", "-", course.title.lower()).strip("-") or "course"


def _assignments(course: Course, folder: Path) -> list[str]:
    """UserError: another course has an assignment of this name in the same gradebook, where names are unique."""
    found = books.find(folder)
    with books.create(found) as book:
        return books.write(book, lambda: [_assignment(course, found, book, step) for step in course.steps])


def _assignment(course: Course, folder: books.CourseFolder, book: Any, step: str) -> str:
    from nbgrader.api import MissingEntry

    try:
        owner = book.find_assignment(step).course_id
    except MissingEntry:
        owner = folder.course_id
    if owner != folder.course_id:
        raise UserError(
            f"has an assignment {step} of the course {owner!r} already, and names of assignments are unique there",
            where=books.named(folder.url),
            next_step="give each course a gradebook of its own: another --db, or none",
        )
    book.update_or_create_assignment(step, duedate=books.naive_utc(due(course.term, step, ())))
    return step
