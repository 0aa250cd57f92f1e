"""What several commands need: the course, its settings, and whether this machine can grade."""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.errors import UserError

if TYPE_CHECKING:
    from grader.course import Course, Module
    from grader.model import ClassList, Grade
    from grader.scoring import Adjustments
    from grader.store import Store


def load_course(context: click.Context) -> Course:
    from grader import course as courses

    return courses.load(context.obj if context.obj is not None else courses.find(Path.cwd()))


def require_jail(sandbox: str) -> None:
    """UserError: the machine cannot enforce what is asked for."""
    require_linux()
    from grader.marking.workers import missing_features

    problems = missing_features() if sandbox == "jail" else []
    if problems:
        raise UserError(
            "this machine cannot enforce the jail: " + "; ".join(problems),
            next_step="grade on a machine that can (`grader doctor` tells), or with --sandbox none code that you trust",
        )


def require_one_place(jobs: int | None, scheduler: str | None) -> None:
    """UserError: both kinds of places to grade are asked for, or Dask is and is not installed."""
    if scheduler is None:
        return
    if jobs is not None:
        raise UserError(
            "--jobs is about this machine and --scheduler about another place to grade",
            next_step="leave one of them out; a cluster grades on as many processes as its workers have threads",
        )
    if importlib.util.find_spec("distributed") is None:
        raise UserError(
            "--scheduler needs Dask, which is not installed",
            next_step="pip install 'microgpt-course[cluster]', or from its folder: pip install -e '.[cluster]'",
        )


def require_linux() -> None:
    """UserError: another system. Asked before anything is imported that only Linux has."""
    if sys.platform != "linux":
        raise UserError(
            f"grading needs Linux; this is {sys.platform}",
            next_step="take a Linux machine, a virtual machine, a container, or on Windows WSL2",
        )


def colours() -> bool | None:
    """For click: never where NO_COLOR is set, else on a terminal."""
    return False if "NO_COLOR" in os.environ else None


@dataclass(frozen=True)
class Results:
    """An output folder of `grader run`, as the course and the adjustments are now."""

    course: Course
    modules: list[Module]
    records: Store
    class_list: ClassList
    adjustments: Adjustments

    @functools.cached_property
    def grades(self) -> list[Grade]:
        """Everybody's, for what needs them all at once."""
        from grader import results as units

        works = units.works(self.records, self.class_list)
        return list(units.grades(self.course, self.modules, works, self.adjustments))


@contextlib.contextmanager
def results(context: click.Context, folder: Path) -> Iterator[Results]:
    """The results in a folder. UserError: there are none, or they are of another course."""
    require_linux()
    from grader import overrides, store

    course = load_course(context)
    with store.reopen(folder) as records:
        modules = chosen_modules(course, records)
        class_list = records.load_class()
        if class_list is None:
            raise UserError("nobody has been graded here yet", where=str(folder), next_step="finish that grader run")
        adjustments = overrides.read(records.folder, course, learners(class_list))
        yield Results(course, modules, records, class_list, adjustments)


def learners(class_list: ClassList) -> dict[str, str]:
    """Everybody, who handed in and who is on the roster: ids, and the names that the roster has for them."""
    named = {person.id: person.name for person in class_list.roster or ()}
    return dict.fromkeys((one.learner for one in class_list.hand_ins), "") | named


def chosen_modules(course: Course, records: Store) -> list[Module]:
    """The modules that these results are about. UserError: the course has them no more."""
    by_key = {module.key: module for module in course.modules()}
    keys = records.settings.get("modules", [])
    unknown = [str(key) for key in keys if key not in by_key]
    if unknown or not keys:
        raise UserError(
            f"is about modules that {course.title} does not have: {', '.join(unknown) or 'none at all'}",
            where=str(records.folder),
            next_step="name the course that it was graded with: grader --course FOLDER ...",
        )
    return [by_key[key] for key in keys]
