"""From what an output folder holds to grades and everything that is read of them. Runs no learner code.

Trusted side.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from grader.course import Course, Module
from grader.model import GRADED, NOT_GRADED, NOTHING, ClassList, Grade, HandIn
from grader.report.grades import Table
from grader.report.learner import learner_page, learner_text
from grader.report.page import ClassPage, Run
from grader.report.sentences import to_look_at
from grader.scoring import Adjustments, Work, grade
from grader.store import LONGEST_NAME, Store, make_folder, write_atomically

PAGES = "learners"  # the folder of the learners' own pages
SIMILAR = "similar.json"  # written by `grader similar`
MOST_ROWS = 60  # of a table on the terminal
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)  # devices in any folder of Windows


def works(records: Store, class_list: ClassList) -> Iterator[Work]:
    """All that is known of each learner, those who handed in nothing too, sorted by learner.

    One by one: the records of a large class are a gigabyte.
    """
    by_learner: dict[str, list[HandIn]] = {}
    for one in class_list.hand_ins:
        by_learner.setdefault(one.learner, []).append(one)
    people = {person.id: person for person in class_list.roster or ()}
    for learner in sorted({*by_learner, *people}):
        attempts = tuple(by_learner.get(learner, ()))
        yield Work(
            learner,
            attempts,
            {one.attempt: found for one in attempts if (found := records.load(learner, one.attempt)) is not None},
            {one.attempt: class_list.refused[one.label] for one in attempts if one.label in class_list.refused},
            people.get(learner),
        )


def grades(
    course: Course, modules: Iterable[Module], class_works: Iterable[Work], adjustments: Adjustments
) -> Iterator[Grade]:
    """What counts for everybody, as the course, its term and the adjustments are now. One by one, as the works."""
    chosen = list(modules)
    return (grade(course, chosen, work, adjustments) for work in class_works)


def noting_stale(course: Course, class_works: Iterable[Work], stale: list[str]) -> Iterator[Work]:
    """The same works. On the way `stale` gets who has a record of another state of the course or its suites."""
    now = course.digests().items()
    for work in class_works:
        if any(not now <= record.hashes.items() for record in work.records.values()):
            stale.append(work.learner)
        yield work


@dataclass
class Written:
    """What was written where, and what there is to say about the class at the end."""

    places: list[tuple[str, Path]]
    learners: int = 0
    graded: int = 0
    not_graded: dict[str, str] = field(default_factory=dict)  # learner -> why
    nothing: list[str] = field(default_factory=list)  # who handed in nothing
    noted: list[str] = field(default_factory=list)  # of whom something was left out or is in doubt
    first: list[Grade] = field(default_factory=list)  # MOST_ROWS at most: all grades do not fit in memory

    def add(self, one: Grade) -> None:
        self.learners += 1
        self.graded += one.state == GRADED
        if one.state == NOT_GRADED:
            self.not_graded[one.learner] = one.why
        if one.state == NOTHING:
            self.nothing.append(one.learner)
        if to_look_at(one):
            self.noted.append(one.learner)
        if self.learners <= MOST_ROWS:
            self.first.append(one)


def write(
    course: Course, modules: list[Module], records: Store, found: Iterable[Grade], notes: tuple[str, ...] = ()
) -> Written:
    """Write grades.csv, report.html and a page and a text for each learner.

    The grades may come one by one: each is forgotten before the next but one is asked for.
    """
    folder = records.folder
    places = {
        "grades": folder / "grades.csv",
        "report": folder / "report.html",
        "a page for each learner": folder / PAGES,
        "records": folder / "records",
    }
    written = Written(list(places.items()))
    table = Table(modules)
    page = ClassPage(Run(course.title, records.seed, str(records.settings["sandbox"]), pairs(records), notes), modules)
    names = set()
    make_folder(folder / PAGES)
    for one in found:
        name = page_name(one.learner)
        _update(folder / PAGES / f"{name}.html", learner_page(course.title, records.seed, one, modules))
        _update(folder / PAGES / f"{name}.md", learner_text(course.title, one, modules))
        page.add(one, f"{PAGES}/{name}.html")
        table.add(one)
        written.add(one)
        names.add(name)
    for file in (folder / PAGES).iterdir():  # of learners who are known under another name now, or not at all
        if file.suffix in (".html", ".md") and file.stem not in names:
            file.unlink()
    write_atomically(folder / "grades.csv", table.csv())
    write_atomically(folder / "report.html", page.html())
    return written


def _update(file: Path, text: str) -> None:
    """Write what can be made again at any time, unless it is there already. UserError: it cannot be written."""
    with contextlib.suppress(OSError):
        if file.read_bytes() == text.encode():
            return
    write_atomically(file, text, durable=False)


def page_name(learner: str) -> str:
    """What a learner's page is called: safe in a link and on every file system, and different for each."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "_" for c in learner)
    if RESERVED.fullmatch(plain):
        plain = f"_{plain}"
    if plain == learner and not plain.startswith(".") and len(plain) <= LONGEST_NAME // 2:
        return plain
    return f"{plain[: LONGEST_NAME // 2].lstrip('.')}-{hashlib.sha256(learner.encode()).hexdigest()[:12]}"


def pairs(records: Store) -> tuple[tuple[str, str, float], ...]:
    """The near-identical pairs that `grader similar` has found, if it was asked."""
    try:
        listed = json.loads((records.folder / SIMILAR).read_text("utf-8"))["near_identical"]
        return tuple((str(one), str(other), float(share)) for one, other, share in listed)
    except (OSError, ValueError, KeyError, TypeError):
        return ()
