"""Extensions and overrides: what people have decided about single learners, from overrides.toml or overrides.csv.

What they decide in nbgrader's formgrader, `grader nbgrader pull` writes to a third file, which is read last.

Trusted side. Each entry has a reason, and the reports show it.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Collection
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

    UserError: an entry is not understood, is about a learner, step, module or check that does not exist, or cannot be
    meant: more points than there are, or two decisions about the same.
    """
    own = [*_toml(folder / f"{NAME}.toml"), *_csv(folder / f"{NAME}.csv")]
    fetched = _csv(folder / PULLED) if pulled else []
    reader = _Reader(course, set(learners))
    entries = own + fetched
    extensions = tuple(reader.extension(entry) for entry in entries if entry.kind == "extension")
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
        fields: dict[str, Any] = {column.strip(): cell.strip() for column, cell in row.cells.items() if cell.strip()}
        kind = "extension" if fields.get("until") else "override"
        try:
            if kind == "extension":
                fields["until"] = datetime.fromisoformat(fields["until"])
            elif "points" in fields:
                fields["points"] = float(COMMA.sub(r"\1.\2", fields["points"]))
        except ValueError as error:
            raise UserError(str(error), where=where, next_step="mend that cell") from None
        found.append(Entry(kind, where, fields))
    return found


class _Reader:
    """Turns entries into what they mean; every complaint names the entry."""

    def __init__(self, course: Course, learners: set[str]) -> None:
        self.course = course
        self.learners = learners

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

    def refuse_what_cannot_be_meant(self, entries: list[Entry]) -> None:
        """UserError: more points than the module or check has, or two entries about the same.

        Not asked of what comes from formgrader: extra credit is meant there, and what was set there came later.
        """
        modules = {module.key: module for module in self.course.modules()}
        seen: dict[tuple[str, str, str], Entry] = {}
        for entry in entries:
            one = self.override(entry)
            module = modules[one.module]
            what = f"{one.module} {one.check}".rstrip()
            most = module.checks[one.check].points if one.check else module.points
            if one.points > most + 1e-9:  # points of checks are added up as floats
                self.refuse(entry, f"points = {points(one.points)} is more than {what} has: {worth(most)}")
            other = seen.setdefault((one.learner, one.module, one.check), entry)
            if other is not entry:
                self.refuse(entry, f"{one.learner} is given points for {what} twice, here and in {other.where}")

    def keys(self, entry: Entry, known: set[str]) -> None:
        for key in entry.fields:
            if key not in known:
                self.refuse(entry, f"unknown key {key!r}; known here: {', '.join(sorted(known))}")
        for key in sorted(NEEDED[entry.kind]):
            if key not in entry.fields:
                self.refuse(entry, f"{key} is missing")

    def learner(self, entry: Entry) -> str:
        return self.known(entry, "learner", list(self.learners))

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
