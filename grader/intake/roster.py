"""CSV files about a class: who is in it, and when they handed in. Trusted side.

Any table with a column that identifies people serves: one's own with `id,name`, Canvas's gradebook, Moodle's grading
worksheet, Gradescope's roster, GitHub Classroom's.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from grader import tables
from grader.errors import UserError
from grader.intake import schemes, tree
from grader.intake.collect import undecided
from grader.model import HandIn, Person, Submitted

# Columns that identify, the first of them that is there giving a learner's id.
IDS = (
    "id", "learner", "learner_id", "student id", "student_id", "sid", "identifier", "sis user id", "username",
    "sis login id", "login", "github_username", "email", "email address",
)  # fmt: skip
MOODLES = "identifier"
NAMES = ("name", "full name", "student")
WHEN = ("learner", "submitted")  # columns that a file of times needs


def people(file: Path) -> list[Person]:
    """The roster, in the order of the file. UserError: it cannot be read, names nobody, or names somebody twice."""
    table = tables.read(file)
    if not table.rows:
        raise UserError(
            "holds no rows", where=str(file), next_step="its first line names the columns, then one row each"
        )
    known = [column for wanted in IDS for column in table.columns if column.strip().casefold() == wanted]
    if not known:
        raise _without(file, table, "column that identifies a learner", "name one `id`, and if there is one `name`")
    rows = [row.cells for row in table.rows]
    found = [Person(_id(known[0], row[known[0]]), _name(row), row) for row in rows if row[known[0]].strip()]
    seen: set[str] = set()
    for person in found:
        if person.id in seen:
            raise UserError(f"{person.id} is there twice", where=str(file), next_step="leave one of the two rows")
        seen.add(person.id)
    if not found:
        raise UserError("names nobody", where=str(file), next_step=f"fill its column {known[0]}")
    return found


def _without(file: Path, table: tables.Table, what: str, next_step: str) -> UserError:
    columns = ", ".join(filter(None, map(str.strip, table.columns)))
    return UserError(f"has no {what}; it has: {columns[:200] or 'none'}", where=str(file), next_step=next_step)


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

    A hand-in that may be of two people, and two hand-ins (not attempts) of one, are not graded until that is decided.
    """
    ids = _ids(roster)
    claims: dict[str, list[HandIn]] = {}
    unknown: dict[str, None] = {}
    doubtful: list[tuple[HandIn, str, set[str]]] = []
    for one in hand_ins:
        word, fitting = _fitting(one, ids)
        if len(fitting) > 1:
            doubtful.append((one, word, fitting))
            continue
        if not fitting:
            unknown[one.learner] = None
        claims.setdefault(next(iter(fitting), one.learner), []).append(one)
    settled = set(claims)
    for one, word, fitting in doubtful:
        problem = f"{word} may be {' or '.join(sorted(fitting))} of the roster"
        # whoever of them has nothing else would seem to have handed in nothing
        for person_id in sorted(fitting - settled) or [one.learner]:
            claims.setdefault(person_id, []).append(replace(one, problem=problem))
    found = [one for person_id in sorted(claims) for one in _as(person_id, claims[person_id])]
    absent = tuple(person for person in roster if person.id not in claims)
    return Matched(tuple(found), tuple(unknown), absent)


def _as(person_id: str, claims: list[HandIn]) -> list[HandIn]:
    """The attempts of one learner under the roster's id; hand-ins of several names are not told apart."""
    names = sorted({one.learner for one in claims})
    if len(names) > 1:
        problems = dict.fromkeys(one.problem for one in claims if one.problem)
        problem = "; ".join(problems) or f"{' and '.join(names)} are both {person_id} of the roster"
        return [replace(undecided(claims, problem), learner=person_id)]
    if names == [person_id]:
        return claims
    note = f"{names[0]} is {person_id} of the roster"
    return [
        replace(
            one,
            learner=person_id,
            notes=one.notes if one.problem else (*one.notes, note),
            aliases=(*one.aliases, one.learner),
        )
        for one in claims
    ]


def _ids(roster: Iterable[Person]) -> dict[str, set[str]]:
    """Who may be meant by each word that says who somebody is."""
    ids: dict[str, set[str]] = {}
    for person in roster:
        for word in _words(person):
            ids.setdefault(word, set()).add(person.id)
    return ids


def _words(person: Person) -> set[str]:
    """Everything that says who this is."""
    cells = {_id(column, value) for column, value in person.cells.items() if column.strip().casefold() in IDS}
    return {word.casefold() for word in (*cells, person.id, person.name, _turned(person.name)) if word}


def _turned(name: str) -> str:
    """`Lovelace, Ada` as `Ada Lovelace`; "": it has not one comma."""
    last, comma, first = map(str.strip, name.partition(","))
    return f"{first} {last}" if comma and "," not in first else ""


def same(person: Person, other: Person) -> bool:
    """Whether any word says of both who they are."""
    return not _words(person).isdisjoint(_words(other))


def _fitting(hand_in: HandIn, ids: Mapping[str, set[str]]) -> tuple[str, set[str]]:
    """The surest name of a hand-in that fits anybody, and the ids of all whom it fits."""
    for word in (hand_in.learner, *hand_in.aliases):
        fitting = ids.get(word.casefold(), set())
        if fitting:
            return word, fitting
    return hand_in.learner, set()


def times(file: Path, steps: Collection[str]) -> tuple[Submitted, ...]:
    """When somebody handed in, from columns learner, submitted and perhaps step.

    A step may be called as an assignment of nbgrader's may, where that fits one step alone. UserError: it cannot be
    read, a time is none, there is no such step, or two rows say different things.
    """
    table = tables.read(file)
    advice = "its columns are learner, submitted and, if you like, step"
    columns = {column.strip().casefold() for column in table.columns}
    for column in WHEN:
        if column not in columns:
            raise _without(file, table, f"column {column}", advice)
    found: dict[tuple[str, str], Submitted] = {}
    for row in table.rows:
        where = f"{file}, line {row.line}"
        one = _submitted(row, where, advice)
        step = schemes.step_of(one.step, steps) if one.step else ""
        if step is None:
            near = difflib.get_close_matches(one.step, steps, 3)
            what = f"there is no step {one.step!r}" + (f"; there is {', '.join(near)}" if near else "")
            raise UserError(what, where=where, next_step="mend that cell; nothing has been graded")
        one = replace(one, step=step)
        if found.setdefault((one.learner, one.step), one) != one:
            what = f"{one.learner} is there twice, with different times"
            raise UserError(what, where=where, next_step="leave the one that counts")
    return tuple(found.values())


def _submitted(row: tables.Row, where: str, advice: str) -> Submitted:
    cells = {column.strip().casefold(): value.strip() for column, value in row.cells.items()}
    time = schemes.moment(cells["submitted"])
    if not cells["learner"] or time is None:
        raise UserError("needs a learner and a time like 2026-11-03T12:30:00+01:00", where=where, next_step=advice)
    return Submitted(cells["learner"], time, cells.get("step", ""))


def with_times(
    hand_ins: Iterable[HandIn], known: Iterable[Submitted], people: Iterable[Person] = ()
) -> tuple[tuple[HandIn, ...], list[str]]:
    """The hand-ins, with these times in place of what their platform says; and which times are nobody's, and why.

    Whose a time is, says an id, else a platform's name of the hand-in, else what the roster has for one of its people.
    """
    listed = list(hand_ins)
    learners = {one.learner for one in listed}
    by_alias: dict[str, set[str]] = {}
    for one in listed:
        for alias in one.aliases:
            by_alias.setdefault(alias, set()).add(one.learner)
    here = [person for person in people if person.id in learners]
    ids = _ids(here)
    names = {person.name for person in here if person.name}
    by_learner: dict[str, dict[str, datetime]] = {}
    nobodys: dict[str, None] = {}
    for each in known:
        own = {each.learner} & learners
        fitting = own or by_alias.get(each.learner) or ids.get(each.learner.casefold(), set())
        if len(fitting) == 1:
            learner = next(iter(fitting))
            if by_learner.setdefault(learner, {}).setdefault(each.step, each.time) != each.time:
                nobodys[f"{each.learner} is {learner}, who is there twice, with different times"] = None
        elif fitting:
            nobodys[f"{each.learner} may be {' or '.join(sorted(fitting))}"] = None
        else:
            near = difflib.get_close_matches(each.learner, sorted({*learners, *names}), 3)
            nobodys[f"{each.learner} has handed in nothing" + (f"; there is {', '.join(near)}" if near else "")] = None
    timed = tuple(replace(one, times=one.times | by_learner.get(one.learner, {})) for one in listed)
    return timed, list(nobodys)
