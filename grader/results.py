"""From what an output folder holds to grades and everything that is read of them. Runs no learner code.

Trusted side.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from grader.course import Course, Module
from grader.model import ClassList, Grade, HandIn
from grader.report.grades import grades_csv
from grader.report.learner import learner_page, learner_text
from grader.report.page import Run, class_page
from grader.scoring import Adjustments, Work, grade
from grader.store import LONGEST_NAME, Store, make_folder, write_atomically

PAGES = "learners"  # the folder of the learners' own pages
SIMILAR = "similar.json"  # written by `grader similar`
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
    course: Course, modules: Iterable[Module], records: Store, class_list: ClassList, adjustments: Adjustments
) -> list[Grade]:
    """What counts for everybody, as the course, its term and the adjustments are now."""
    chosen = list(modules)
    return [grade(course, chosen, work, adjustments) for work in works(records, class_list)]


def stale(course: Course, records: Store, class_list: ClassList) -> list[str]:
    """The learners whose records are about another state of the course or its suites than the one at hand."""
    now = course.digests().items()
    return [
        work.learner
        for work in works(records, class_list)
        if any(not now <= record.hashes.items() for record in work.records.values())
    ]


def write(
    course: Course, modules: list[Module], records: Store, found: list[Grade], notes: tuple[str, ...] = ()
) -> list[tuple[str, Path]]:
    """Write grades.csv, report.html and a page and a text for each learner. Returns what is where."""
    folder = records.folder
    pages = {one.learner: f"{PAGES}/{page_name(one.learner)}.html" for one in found}
    run = Run(course.title, records.seed, str(records.settings["sandbox"]), pairs(records), pages, notes)
    make_folder(folder / PAGES)
    for one in found:
        name = page_name(one.learner)
        _update(folder / PAGES / f"{name}.html", learner_page(course.title, records.seed, one, modules))
        _update(folder / PAGES / f"{name}.md", learner_text(course.title, one, modules))
    known = set(pages.values())
    for file in (folder / PAGES).iterdir():  # of learners who are known under another name now, or not at all
        if file.suffix in (".html", ".md") and f"{PAGES}/{file.stem}.html" not in known:
            file.unlink()
    write_atomically(folder / "grades.csv", grades_csv(found, modules))
    write_atomically(folder / "report.html", class_page(run, found, modules))
    return [
        ("grades", folder / "grades.csv"),
        ("report", folder / "report.html"),
        ("a page for each learner", folder / PAGES),
        ("records", folder / "records"),
    ]


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
