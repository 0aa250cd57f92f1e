"""Extensions and overrides: what people have decided about single learners, from overrides.toml or overrides.csv.

Trusted side. Each entry has a reason, and the reports show it.
"""

from __future__ import annotations

import csv
import difflib
import io
import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

from grader.course import Course
from grader.errors import UserError
from grader.model import Extension, Override
from grader.scoring import Adjustments

NAME = "overrides"
EXTENSION = {"learner", "until", "reason", "step"}
OVERRIDE = {"learner", "module", "points", "reason", "check"}
NEEDED = {"extension": {"learner", "until", "reason"}, "override": {"learner", "module", "points", "reason"}}


@dataclass(frozen=True)
class Entry:
    """One entry of either file."""

    kind: str  # extension, override
    where: str
    fields: dict[str, Any]


def read(folder: Path, course: Course, learners: Collection[str]) -> Adjustments:
    """What overrides.toml and overrides.csv in `folder` say; nothing where there are none.

    UserError: an entry is not understood, or is about a learner, step, module or check that does not exist.
    """
    entries = [*_toml(folder / f"{NAME}.toml"), *_csv(folder / f"{NAME}.csv")]
    reader = _Reader(course, set(learners))
    extensions = tuple(reader.extension(entry) for entry in entries if entry.kind == "extension")
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
    for number, row in enumerate(csv.DictReader(io.StringIO(_text(file), newline="")), 2):
        where = f"{file}, line {number}"
        fields: dict[str, Any] = {(key or "").strip(): str(value).strip() for key, value in row.items() if value}
        kind = "extension" if fields.get("until") else "override"
        try:
            if kind == "extension":
                fields["until"] = datetime.fromisoformat(fields["until"])
            elif "points" in fields:
                fields["points"] = float(fields["points"])
        except ValueError as error:
            raise UserError(str(error), where=where, next_step="mend that cell") from None
        found.append(Entry(kind, where, {key: value for key, value in fields.items() if value != ""}))
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
        points = entry.fields["points"]
        if type(points) not in (int, float) or not 0 <= points < float("inf"):
            self.refuse(entry, "points must be a number, 0 or more")
        return Override(self.learner(entry), key, float(points), self.text(entry, "reason"), check)

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
