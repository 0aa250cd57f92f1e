"""Extensions and overrides: what people have decided about single learners, from overrides.toml or overrides.csv.

What they decide in nbgrader's formgrader, `grader nbgrader pull` writes to a third file, which is read last.

Trusted side. Each entry has a reason, and the reports show it.
"""

from __future__ import annotations

import contextlib
import difflib
import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

from grader import tables
from grader.course import Course
from grader.errors import UserError
from grader.model import Extension, Override
from grader.scoring import Adjustments, points, worth

NAME = "overrides"
PULLED = "overrides-nbgrader.csv"  # written by `grader nbgrader pull`, anew each time
EXTENSION = {"learner", "until", "reason", "step"}
OVERRIDE = {"learner", "module", "points", "reason", "check"}
COMMA = re.compile(r"^(\d+),(\d{1,2})$")  # how spreadsheets write 1.5 in many languages; 1,000 may be a thousand
NEEDED = {"extension": {"learner", "until", "reason"}, "override": {"learner", "module", "points", "reason"}}


@dataclass(frozen=True)
class Entry:
    """One entry of either file."""

    kind: str  # extension, override
    where: str
    fields: dict[str, Any]


def read(folder: Path, course: Course, learners: Collection[str], pulled: bool = True) -> Adjustments:
    """What the files in `folder` say; nothing where there are none. Without `pulled`: not what came from formgrader.

    `learners`: their ids, perhaps each with a name, by which an entry may call whoever alone has it.

    UserError: an entry is not understood, is about a learner, step, module or check that does not exist, or cannot be
    meant: more points than there are, or two decisions about the same.
    """
    own = [*_toml(folder / f"{NAME}.toml"), *_csv(folder / f"{NAME}.csv")]
    fetched = _csv(folder / PULLED) if pulled else []
    reader = _Reader(course, learners)
    entries = own + fetched
    extensions = tuple(reader.extension(entry) for entry in entries if entry.kind == "extension")
    reader.refuse_two_deadlines([entry for entry in own if entry.kind == "extension"])
    reader.refuse_what_cannot_be_meant([entry for entry in own if entry.kind == "override"])
    return Adjustments(extensions, tuple(reader.override(entry) for entry in entries if entry.kind == "override"))


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(
            f"cannot be read: {error}", where=str(file), next_step="check its rights; save as UTF-8"
        ) from None


def _toml(file: Path) -> list[Entry]:
    if not file.exists():
        return []
    try:
        tables = tomllib.loads(_text(file))
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"is not valid TOML: {error}", where=str(file), next_step="mend that line") from None
    found = []
    for kind, listed in tables.items():
        if kind not in NEEDED or not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
            raise UserError(
                f"has {kind!r}, and may have only [[extension]] and [[override]]",
                where=str(file),
                next_step="write one such table for each decision",
            )
        found += [Entry(kind, f"{file}, {kind} {n}", one) for n, one in enumerate(listed, 1)]
    return found


def _csv(file: Path) -> list[Entry]:
    """Rows with a time in `until` are extensions, the others overrides; empty cells are left out."""
    if not file.exists():
        return []
    found = []
    for row in tables.read(file).rows:
        where = f"{file}, line {row.line}"
        cells = {column.strip().casefold(): cell.strip() for column, cell in row.cells.items()}
        fields: dict[str, Any] = {column: cell for column, cell in cells.items() if cell}
        kind = "extension" if fields.get("until") else "override"
        with contextlib.suppress(ValueError):  # what is left as a text is refused, as it is in the other file
            if kind == "extension":
                fields["until"] = datetime.fromisoformat(fields["until"])
            elif "points" in fields:
                fields["points"] = float(COMMA.sub(r"\1.\2", fields["points"]))
        found.append(Entry(kind, where, fields))
    return found


class _Reader:
    """Turns entries into what they mean; every complaint names the entry."""

    def __init__(self, course: Course, learners: Collection[str]) -> None:
        self.course = course
        self.names = dict(learners) if isinstance(learners, Mapping) else dict.fromkeys(learners, "")

    def extension(self, entry: Entry) -> Extension:
        self.keys(entry, EXTENSION)
        until = entry.fields["until"]
        if type(until) is not datetime or until.tzinfo is None:
            self.refuse(entry, "until must be a time with an offset, as 2027-01-31T23:59:00+01:00")
        step = self.known(entry, "step", list(self.course.steps)) if "step" in entry.fields else ""
        return Extension(self.learner(entry), until, self.text(entry, "reason"), step)

    def override(self, entry: Entry) -> Override:
        self.keys(entry, OVERRIDE)
        modules = {module.key: module for module in self.course.modules()}
        key = self.known(entry, "module", list(modules))
        check = self.known(entry, "check", list(modules[key].checks)) if "check" in entry.fields else ""
        number = entry.fields["points"]
        if type(number) not in (int, float) or not 0 <= number < float("inf"):
            self.refuse(entry, "points must be a number, 0 or more")
        return Override(self.learner(entry), key, float(number), self.text(entry, "reason"), check)

    def refuse_two_deadlines(self, entries: list[Entry]) -> None:
        """UserError: one learner is given two deadlines for the same step, or for all steps."""
        seen: dict[tuple[str, str], tuple[Entry, datetime]] = {}
        for entry in entries:
            one = self.extension(entry)
            other, until = seen.setdefault((one.learner, one.step), (entry, one.until))
            if until != one.until:
                what = one.step or "all steps"
                self.refuse(entry, f"{one.learner} is given two deadlines for {what}, here and in {other.where}")

    def refuse_what_cannot_be_meant(self, entries: list[Entry]) -> None:
        """UserError: more points than the module or check has, or two entries about the same.

        Points for a whole module leave those for a check of it without effect: that is about the same, too.

        Not asked of what comes from formgrader: extra credit is meant there, and what was set there came later.
        """
        modules = {module.key: module for module in self.course.modules()}
        seen: dict[tuple[str, str], dict[str, Entry]] = {}
        for entry in entries:
            one = self.override(entry)
            module = modules[one.module]
            what = f"{one.module} {one.check}".rstrip()
            most = module.checks[one.check].points if one.check else module.points
            if one.points > most + 1e-9:  # points of checks are added up as floats
                self.refuse(entry, f"points = {points(one.points)} is more than {what} has: {worth(most)}")
            others = seen.setdefault((one.learner, one.module), {})
            if one.check in others:
                where = others[one.check].where
                self.refuse(entry, f"{one.learner} is given points for {what} twice, here and in {where}")
            if others and (not one.check or "" in others):
                both = f"{one.learner} is given points for all of {one.module} and for a check of it"
                where = next(iter(others.values())).where
                self.refuse(entry, f"{both}, here and in {where}: only one of them can count")
            others[one.check] = entry

    def keys(self, entry: Entry, known: set[str]) -> None:
        for key in entry.fields:
            if key not in known:
                self.refuse(entry, f"unknown key {key!r}; known here: {', '.join(sorted(known))}")
        for key in sorted(NEEDED[entry.kind]):
            if key not in entry.fields:
                self.refuse(entry, f"{key} is missing")

    def learner(self, entry: Entry) -> str:
        """The id of whom an id, or a name that only one has, in any capitals, is about."""
        text = self.text(entry, "learner")
        wanted = text.casefold()
        fitting = [one for one, name in self.names.items() if wanted in (one.casefold(), name.casefold())]
        if text in self.names or not fitting:
            return self.known(entry, "learner", list(self.names))
        if len(fitting) > 1:
            self.refuse(entry, f"{text} may be {' or '.join(fitting)}")
        return fitting[0]

    def known(self, entry: Entry, key: str, names: list[str]) -> str:
        name = self.text(entry, key)
        if name not in names:
            near = difflib.get_close_matches(name, names, 3)
            self.refuse(entry, f"there is no {key} {name!r}" + (f"; there is {', '.join(near)}" if near else ""))
        return name

    def text(self, entry: Entry, key: str) -> str:
        value = entry.fields[key]
        if type(value) is not str or not value.strip():
            self.refuse(entry, f"{key} must be a text")
        return str(value)

    def refuse(self, entry: Entry, what: str) -> NoReturn:
        raise UserError(what, where=entry.where, next_step="mend that entry; no grade has been changed")
