"""CSV files about a class: who is in it, and when they handed in. Trusted side.

Any table with a column that identifies people serves: one's own with `id,name`, Canvas's gradebook, Moodle's grading
worksheet, Gradescope's roster, GitHub Classroom's.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from grader.errors import UserError
from grader.intake import schemes, tree
from grader.model import HandIn, Person

# Columns that identify, the first of them that is there giving a learner's id.
IDS = (
    "id", "learner", "learner_id", "student id", "student_id", "sid", "identifier", "sis user id", "username",
    "sis login id", "login", "github_username", "email", "email address",
)  # fmt: skip
MOODLES = "identifier"
NAMES = ("name", "full name", "student")
MOST = 64 << 20  # bytes


def people(file: Path) -> list[Person]:
    """The roster, in the order of the file. UserError: it cannot be read, names nobody, or names somebody twice."""
    rows = _rows(file)
    columns = list(rows[0])
    known = [column for wanted in IDS for column in columns if column.strip().casefold() == wanted]
    if not known:
        raise UserError(
            f"has no column that identifies a learner; it has: {', '.join(columns)[:200]}",
            where=str(file),
            next_step="name one `id`, and if there is one `name`",
        )
    found = [Person(_id(known[0], row[known[0]]), _name(row), row) for row in rows if row[known[0]].strip()]
    seen: set[str] = set()
    for person in found:
        if person.id in seen:
            raise UserError(f"{person.id} is there twice", where=str(file), next_step="leave one of the two rows")
        seen.add(person.id)
    if not found:
        raise UserError("names nobody", where=str(file), next_step=f"fill its column {known[0]}")
    return found


def _rows(file: Path) -> list[dict[str, str]]:
    """The rows of a CSV file by column, whichever of `,` `;` and tab separates them. UserError: it is none."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise tree.unreadable(file, error) from None
    if len(content) > MOST:
        raise UserError(f"is larger than {MOST >> 20} MiB", where=str(file), next_step="give the roster alone")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")  # what spreadsheets on Windows save
    header = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=header.count)
    try:
        reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, restval="", restkey="", strict=True)
        rows = [{column or "": _cell(value) for column, value in row.items()} for row in reader]
    except csv.Error as error:
        raise UserError(f"is not a CSV file: {error}", where=str(file), next_step="save it as CSV, UTF-8") from None
    if not rows:
        raise UserError(
            "holds no rows", where=str(file), next_step="its first line names the columns, then one row each"
        )
    return rows


def _cell(value: object) -> str:
    return value if isinstance(value, str) else ""  # cells beyond the last column come as a list


def _id(column: str, text: str) -> str:
    """What a cell of an identifying column says. Moodle writes `Participant 1234`, in the language of its site."""
    word, _, number = text.strip().rpartition(" ")
    if column.strip().casefold() == MOODLES and number.isdigit() and word.isalpha():
        return number
    return tree.printable(text.strip())


def _name(row: Mapping[str, str]) -> str:
    by_column = {column.strip().casefold(): value.strip() for column, value in row.items()}
    for column in NAMES:
        if by_column.get(column):
            return tree.printable(by_column[column])
    parts = [by_column.get("first name", ""), by_column.get("last name", by_column.get("surname", ""))]
    return tree.printable(" ".join(part for part in parts if part))


@dataclass(frozen=True)
class Matched:
    """The hand-ins under their learners' ids on the roster, and who of both sides has no counterpart."""

    hand_ins: tuple[HandIn, ...]
    unknown: tuple[str, ...]  # learners who hand in and are not on the roster
    absent: tuple[Person, ...]  # people who handed in nothing


def match(hand_ins: Iterable[HandIn], roster: list[Person]) -> Matched:
    """Find each hand-in's person, by any column that identifies and by the full name, whatever the capitals.

    UserError: a hand-in may belong to two people, or two hand-ins (not attempts) to one.
    """
    ids: dict[str, set[str]] = {}
    for person in roster:
        for word in _words(person):
            ids.setdefault(word, set()).add(person.id)
    found: list[HandIn] = []
    unknown: dict[str, None] = {}
    taken: dict[tuple[str, str], str] = {}
    for one in hand_ins:
        person_id = _of(one, ids)
        if person_id is None:
            unknown[one.learner] = None
            found.append(one)
            continue
        other = taken.setdefault((person_id, one.attempt), one.learner)
        if other != one.learner:
            raise UserError(
                f"{other} and {one.learner} are both {person_id} of the roster", next_step="leave the one that counts"
            )
        note = [] if person_id == one.learner else [f"{one.learner} is {person_id} of the roster"]
        found.append(replace(one, learner=person_id, notes=(*one.notes, *note)))
    present = {one.learner for one in found}
    absent = tuple(person for person in roster if person.id not in present)
    return Matched(tuple(sorted(found, key=lambda one: one.learner)), tuple(unknown), absent)


def _words(person: Person) -> set[str]:
    """Everything that says who this is."""
    cells = {_id(column, value) for column, value in person.cells.items() if column.strip().casefold() in IDS}
    return {word.casefold() for word in (*cells, person.id, person.name) if word}


def _of(hand_in: HandIn, ids: Mapping[str, set[str]]) -> str | None:
    """The id of the one person whom the surest name of a hand-in fits. UserError: it fits several."""
    for word in (hand_in.learner, *hand_in.aliases):
        fitting = ids.get(word.casefold(), set())
        if len(fitting) > 1:
            raise UserError(
                f"{word} may be {' or '.join(sorted(fitting))} of the roster", next_step="rename the hand-in to the id"
            )
        if fitting:
            return next(iter(fitting))
    return None


def times(file: Path) -> dict[tuple[str, str], datetime]:
    """When somebody handed in: (learner, step or "") -> time, from columns learner, submitted and perhaps step.

    UserError: it cannot be read, or a time is none.
    """
    found = {}
    for number, row in enumerate(_rows(file), 2):
        cells = {column.strip().casefold(): value.strip() for column, value in row.items()}
        time = schemes.moment(cells.get("submitted", ""))
        if not cells.get("learner") or time is None:
            raise UserError(
                "needs a learner and a time like 2026-11-03T12:30:00+01:00",
                where=f"{file}, line {number}",
                next_step="its columns are learner, submitted and, if you like, step",
            )
        found[cells["learner"], cells.get("step", "")] = time
    return found


def with_times(hand_ins: Iterable[HandIn], known: Mapping[tuple[str, str], datetime]) -> tuple[HandIn, ...]:
    """The hand-ins, with these times in place of what their platform says. UserError: one is of nobody here."""
    listed = list(hand_ins)
    names = {name: one.learner for one in listed for name in (*one.aliases, one.learner)}
    by_learner: dict[str, dict[str, datetime]] = {}
    for (learner, step), time in known.items():
        if learner not in names:
            raise UserError(f"{learner} has handed in nothing", next_step="mend or remove that row of the times")
        by_learner.setdefault(names[learner], {})[step] = time
    return tuple(replace(one, times=one.times | by_learner.get(one.learner, {})) for one in listed)
