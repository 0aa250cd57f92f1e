"""Mutants that are as right as the solution, listed by hand with the reason. Trusted side.

A course keeps them in `tests/equivalents.toml`, by module:

    [["03_softmax/pure"]]
    function = "softmax"
    before = "the line of the solution"
    after = "what the mutant makes of it"
    reason = "why no caller can tell"

Both lines are as `grader audit` shows them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from grader.audit.mutants import Mutant
from grader.course import Course
from grader.errors import UserError

KEYS = ("function", "before", "after", "reason")


@dataclass(frozen=True)
class Equivalent:
    """One entry of the list."""

    module: str
    function: str
    before: str
    after: str
    reason: str

    def is_about(self, mutant: Mutant) -> bool:
        mine = (self.module, self.function, self.before, self.after)
        return mine == (mutant.module, mutant.function, mutant.before, mutant.after)

    def __str__(self) -> str:
        return f"{self.module}, {self.function}: {self.before} -> {self.after}"


def file(course: Course) -> Path:
    return course.root / "tests" / "equivalents.toml"


def read(course: Course) -> list[Equivalent]:
    """The course's list; [] where it keeps none. UserError: it is not such a list."""
    path = file(course)
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UserError(f"cannot be read: {error}", where=str(path), next_step="mend that file") from None
    known = {module.key for module in course.modules()}
    found = []
    for key, entries in data.items():
        if key not in known:
            raise UserError(f"there is no module {key}", where=str(path), next_step=f"modules: {', '.join(known)}")
        for entry in entries if isinstance(entries, list) else [entries]:
            if not isinstance(entry, dict) or set(entry) != set(KEYS) or not all(map(_is_text, entry.values())):
                raise UserError(
                    f"an entry of {key} must have the texts {', '.join(KEYS)} and nothing else: {entry!r}",
                    where=str(path),
                    next_step='begin each entry with [["' + key + '"]]',
                )
            found.append(Equivalent(key, *(entry[name] for name in KEYS)))
    return found


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def without_mutant(listed: Iterable[Equivalent], mutants: list[Mutant]) -> list[Equivalent]:
    """Entries about changes that are not made any more: the solution has changed, or a line was copied wrongly."""
    made = {(m.module, m.function, m.before, m.after) for m in mutants}
    modules = {m.module for m in mutants}
    return [e for e in listed if e.module in modules and (e.module, e.function, e.before, e.after) not in made]
