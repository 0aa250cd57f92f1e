"""Commands that make an nbgrader course of this one, and carry marks to its gradebook and back."""

from __future__ import annotations

import contextlib
import secrets
import shlex
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli import main
from grader.cli.common import chosen_modules, learners, load_course, require_linux
from grader.errors import UserError

if TYPE_CHECKING:
    from grader.course import Course, Module
    from grader.model import ClassList
    from grader.nbgrader_bridge.push import Sources, Told
    from grader.store import Store

MOST_NAMED = 20  # learners in one sentence
NOT_ALL_PUSHED = 1
COURSE = click.option(
    "--course", "folder", metavar="DIR", type=click.Path(path_type=Path), required=True, help="The nbgrader course."
)
DATABASE = click.option("--db", metavar="URL", help="The gradebook (default: what DIR/nbgrader_config.py says).")


@main.group()
def nbgrader() -> None:
    """Use the course with nbgrader and its formgrader."""


@nbgrader.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--db", metavar="URL", help="The gradebook (default: gradebook.db in DIR).")
@click.option("--seed", type=int, help="Seed of the inputs of nbgrader's hidden tests (default: random).")
@click.pass_context
def init(context: click.Context, folder: Path, db: str | None, seed: int | None) -> None:
    """Make a new nbgrader course in DIR: source/, nbgrader_config.py, and the assignments in its gradebook."""
    require_linux()
    from grader.nbgrader_bridge import source
    from grader.nbgrader_bridge.frame import init as make

    drawn = secrets.randbits(32) if seed is None else seed
    course = load_course(context)
    steps = make(course, folder, db, lambda: source.write(course, folder / "source", drawn), source.settings(drawn))
    click.echo(f"{folder}: {len(steps)} assignments. What learners get, nbgrader makes:")
    each = "for step in source/*; do nbgrader generate_assignment $(basename $step); done"
    click.echo(f"  cd {shlex.quote(str(folder))} && {each}")


@nbgrader.command()
@click.argument("results", metavar="RESULTS", type=click.Path(path_type=Path))
@COURSE
@DATABASE
@click.option("--assignment", "steps", multiple=True, metavar="NN_STEP", help="This assignment only (repeatable).")
@click.option("--submissions", type=click.Path(path_type=Path), help="The hand-ins (default: where they were then).")
@click.pass_context
def push(
    context: click.Context,
    results: Path,
    folder: Path,
    db: str | None,
    steps: tuple[str, ...],
    submissions: Path | None,
) -> None:
    """Write the marks in RESULTS to the gradebook of DIR, with comments, penalties and formgrader's pages.

    What people have set in formgrader stays. Exit code 1: somebody has a number that could not be written.
    """
    from grader import overrides
    from grader.nbgrader_bridge import books
    from grader.nbgrader_bridge.push import Push
    from grader.results import works

    with graded(context, results) as (course, records, class_list):
        modules = _modules(course, records, steps)
        adjustments = overrides.read(records.folder, course, learners(class_list), pulled=False)
        found = books.find(folder, db)
        with books.opened(found) as book:
            task = Push(course, modules, adjustments, found, book)
            source = submissions or Path(str(records.settings.get("submissions", "")))
            with sources(course, records, source) as (read, missing):
                told = task.all(works(records, class_list), read)
    _tell(told, books.named(found.url), missing)
    sys.exit(NOT_ALL_PUSHED if told.unusable or told.old else 0)


@contextlib.contextmanager
def graded(context: click.Context, results: Path) -> Iterator[tuple[Course, Store, ClassList]]:
    """The course, and the results in a folder, locked. UserError: there are none."""
    require_linux()
    from grader import store

    course = load_course(context)
    with store.reopen(results) as records:
        class_list = records.load_class()
        if class_list is None:
            raise UserError("nobody has been graded here yet", where=str(results), next_step="finish that grader run")
        yield course, records, class_list


def _modules(course: Course, records: Store, steps: tuple[str, ...]) -> list[Module]:
    """What these results are about, or the steps of it that were asked for. UserError: they have no such step."""
    modules = chosen_modules(course, records)
    known = list(dict.fromkeys(module.step for module in modules))
    for step in steps:
        if step not in known:
            raise UserError(f"has no {step}", where=str(records.folder), next_step=f"it is about {', '.join(known)}")
    return [module for module in modules if not steps or module.step in steps]


@contextlib.contextmanager
def sources(course: Course, records: Store, place: Path) -> Iterator[tuple[Sources, list[str]]]:
    """How to read what a learner handed in, and a list to which goes what is not there any more.

    Where the hand-ins have gone the marks are pushed all the same; the notebooks then hold no code of the learner's.
    """
    from grader import intake
    from grader.cli.grade import enrolled
    from grader.model import HandIn

    handed_out = course.handed_out  # a mistake in it is not a learner's
    missing: list[str] = []
    hand_ins: dict[tuple[str, str], HandIn] = {}
    last: dict[tuple[str, str], Mapping[str, Mapping[str, bytes]]] = {}

    def read(learner: str, attempt: str) -> Mapping[str, Mapping[str, bytes]]:
        key = (learner, attempt)
        if key not in last:
            last.clear()  # one learner's at a time
            try:
                known = key in hand_ins
                last[key] = intake.read(hand_ins[key], course.files(), handed_out).files if known else {}
            except UserError as error:
                missing.append(str(error).split("\n")[0])
                last[key] = {}
        return last[key]

    with contextlib.ExitStack() as stack:
        try:
            folder = stack.enter_context(intake.opened(place, course.steps))
            collected = intake.collect(folder, course.steps, bool(course.term.attempts))
            for one in enrolled(collected, None, None, records).hand_ins:
                hand_ins[one.learner, one.attempt] = one
        except UserError as error:
            missing.append(str(error).split("\n")[0])
        yield read, missing


def _tell(told: Told, where: str, missing: list[str]) -> None:
    """What was pushed, and who has no number and why."""
    have = "1 learner has" if told.pushed == 1 else f"{told.pushed} learners have"
    click.echo(f"{where}: {have} their marks there; {told.changed} of them had other ones or none")
    if told.by_hand:
        were, stay, them = ("score was", "stays", "it") if told.by_hand == 1 else ("scores were", "stay", "them")
        click.echo(f"{told.by_hand} {were} set in formgrader, and {stay}: `grader nbgrader pull` fetches {them}")
    for learner, why in list(told.without.items())[:MOST_NAMED]:
        click.echo(f"no number for {learner}: {why}")
    if len(told.without) > MOST_NAMED:
        click.echo(f"and for {len(told.without) - MOST_NAMED} more")
    if told.without:
        click.echo("  nothing was written for them; `nbgrader export` gives 0 to whoever has no submission")
    for problem in missing[:MOST_NAMED]:
        click.echo(f"not shown in formgrader: {problem}")
    for learner in told.old:
        click.echo(f"{learner} has no number now, and scores of an earlier push: they were left as they are", err=True)
    for learner in told.unusable:
        click.echo(
            f"not pushed: {learner!r} cannot be the id of a student in nbgrader; give another in a roster", err=True
        )


@nbgrader.command()
@click.argument("results", metavar="RESULTS", type=click.Path(path_type=Path))
@COURSE
@DATABASE
@click.pass_context
def pull(context: click.Context, results: Path, folder: Path, db: str | None) -> None:
    """Fetch the scores that were set in formgrader: they become overrides in RESULTS, each with its comment."""
    from grader import overrides
    from grader.nbgrader_bridge import books, given
    from grader.store import write_atomically

    with graded(context, results) as (course, records, class_list):
        modules = chosen_modules(course, records)
        found = books.find(folder, db)
        with books.opened(found) as book:
            everything, alone = books.write(book, lambda: (given.by_hand(book, modules), given.comments(book)))
        known = learners(class_list).keys()
        wanted = [one for one in everything if one.learner in known]
        write_atomically(records.folder / overrides.PULLED, given.as_csv(wanted))
    scores = "1 score that was" if len(wanted) == 1 else f"{len(wanted)} scores that were"
    click.echo(f"{results / overrides.PULLED}: {scores} set in formgrader")
    for learner in sorted({one.learner for one in everything} - known):
        click.echo(f"not fetched: {learner} is not in these results", err=True)
    if alone:
        stand = "1 comment stands by itself" if alone == 1 else f"{alone} comments stand by themselves"
        click.echo(f"{stand}, without a score: {'it stays where it is' if alone == 1 else 'they stay where they are'}")
    click.echo(f"  grader rescore {results}: counts with them")
