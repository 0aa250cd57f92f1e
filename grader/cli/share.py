"""Commands that carry grades elsewhere: export and package."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli import main
from grader.cli.common import load_course, results
from grader.errors import UserError

if TYPE_CHECKING:
    from grader.cli.common import Results

TARGETS = ("canvas", "moodle", "gradescope", "csv", "json")
WITH_COLUMNS = ("canvas", "moodle")  # whose columns one chooses


@main.command()
@click.argument("folder", metavar="RESULTS", type=click.Path(path_type=Path))
@click.option("--to", "target", type=click.Choice(TARGETS), required=True, help="Which system's importer reads it.")
@click.option("--into", type=click.Path(path_type=Path), required=True, help="File; for gradescope a new folder.")
@click.option(
    "--per",
    type=click.Choice(["total", "step", "module"]),
    help="What a column of points is, for canvas and moodle (default: total).",
)
@click.option("--zeros", is_flag=True, help="0 for who handed in nothing, for canvas and moodle.")
@click.pass_context
def export(context: click.Context, folder: Path, target: str, into: Path, per: str | None, zeros: bool) -> None:
    """Write the grades in RESULTS as another system takes them. What is not graded has no number in any of them."""
    from grader.report import cells, moodle
    from grader.results import page_name
    from grader.store import write_atomically

    if target not in WITH_COLUMNS and (per is not None or zeros):
        option = "--zeros" if per is None else "--per"
        raise UserError(
            f"{option} is for {' and '.join(WITH_COLUMNS)}; {target} has every module as it is",
            next_step="leave it out, or take another --to",
        )
    per = per or "total"
    with results(context, folder) as found:
        if target == "gradescope":
            from grader.report import gradescope

            _new_folder(into)
            for grade in found.grades:
                write_atomically(into / f"{page_name(grade.learner)}.json", gradescope.results(grade, found.modules))
        else:
            write_atomically(into, _one_file(found, target, per, zeros))
        said = moodle.remarks(found.grades, found.modules, per) if target == "moodle" else []
        said += cells.parts(found.grades)
    numbers = sum(grade.counts for grade in found.grades)
    click.echo(f"{into}: {numbers} of {len(found.grades)} learners have a number, as {target} takes it")
    for line in said:
        click.echo(f"  {line}")


def _one_file(found: Results, target: str, per: str, zeros: bool) -> str | Iterator[str]:
    from grader.report import canvas, data, moodle
    from grader.report.grades import grades_csv

    grades, modules, title = found.grades, found.modules, found.course.title
    if target == "canvas":
        return canvas.gradebook(grades, modules, per, title, zeros)
    if target == "moodle":
        return moodle.worksheet(grades, modules, per, title, zeros)
    if target == "json":
        run = {key: found.records.settings[key] for key in ("course", "seed", "sandbox")}
        return data.as_json(run, grades, modules)
    return grades_csv(grades, modules)


def _new_folder(folder: Path) -> None:
    """UserError: there is something, and it may be somebody's."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        occupied = any(folder.iterdir())
    except OSError as error:
        raise UserError(
            f"cannot be made: {error.strerror or error}", where=str(folder), next_step="give another --into"
        ) from None
    if occupied:
        raise UserError("is not empty: nothing in it is touched", where=str(folder), next_step="give a new folder")


@main.group()
def package() -> None:
    """Make what another system grades with."""


@package.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--step", "steps", multiple=True, metavar="NN_STEP", help="This step only (repeatable).")
@click.option("--track", "tracks", multiple=True, metavar="TRACK", help="This track only (repeatable).")
@click.option("--seed", type=int, help="Seed of the hidden inputs (default: random, the same for all submissions).")
@click.option("--sandbox", type=click.Choice(["jail", "none"]), default="jail", show_default=True)
@click.pass_context
def gradescope(
    context: click.Context, file: Path, steps: tuple[str, ...], tracks: tuple[str, ...], seed: int | None, sandbox: str
) -> None:
    """Make FILE, the zip of Gradescope's autograder. It is for instructors only: the hidden tests are in it."""
    from grader.package.gradescope import build

    names = build(load_course(context), file, steps, tracks, seed, sandbox)
    click.echo(f"{file}: {len(names)} files. Its README.md says how far Gradescope's container can enforce the jail.")
    if sandbox == "none":
        click.echo(
            "Without the jail learner code runs there as root beside the hidden tests: it can read them, and write its "
            "own results.json.",
            err=True,
        )
