"""Commands about the course and the machine: release, check, doctor."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import click

from grader.cli import main
from grader.cli.common import colours, load_course, require_linux
from grader.errors import UserError


@main.command()
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@click.option("--zip", "zipped", is_flag=True, help="Make FOLDER.zip too.")
@click.option("--stubs", is_flag=True, help="Only regenerate the stubs in exercises/ from solutions/.")
@click.option("--notebooks", is_flag=True, help="Only regenerate the notebooks in exercises/ from their sources.")
@click.pass_context
def release(context: click.Context, folder: Path | None, zipped: bool, stubs: bool, notebooks: bool) -> None:
    """Make FOLDER, which is what learners get; refused if it held an answer, a hidden test or a probe."""
    from grader.release.bundle import build
    from grader.release.notebooks import write_notebooks
    from grader.release.stubs import write_stubs

    course = load_course(context)
    if (stubs or notebooks) == (folder is not None):
        raise UserError(
            "give either a new FOLDER, or --stubs or --notebooks", next_step="grader release FOLDER, or --help"
        )
    if folder is None:
        changed = write_stubs(course, course.root / "exercises") if stubs else []
        changed += write_notebooks(course, course.root / "exercises") if notebooks else []
        for file in changed:
            click.echo(f"wrote {file.relative_to(course.root)}")
        click.echo(f"{len(changed)} files have changed")
        return
    files = build(course, folder, zipped)
    click.echo(f"{folder}: {len(files)} files; no answer, hidden test or probe is in them")
    if zipped:
        click.echo(f"{folder}.zip: the same as one file")


@main.command()
@click.pass_context
def check(context: click.Context) -> None:
    """Check that the course is fit to be handed out and graded. Exit code 1: it is not."""
    require_linux()
    from grader import lint

    course = load_course(context)
    broken = False
    for what, problems in lint.checks(course, len(os.sched_getaffinity(0))):
        broken = broken or bool(problems)
        colour = "red" if problems else None
        click.secho(f"{'no  ' if problems else 'ok  '} {what}", fg=colour, color=colours())
        for problem in problems[: lint.MOST]:
            click.echo(f"       {problem}")
        if len(problems) > lint.MOST:
            click.echo(f"       and {len(problems) - lint.MOST} more")
    sys.exit(1 if broken else 0)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="The same as data.")
def doctor(as_json: bool) -> None:
    """Try on this machine what the jail has to refuse, and say what is missing. Exit code 1: it cannot grade."""
    from grader import doctor as clinic

    found = clinic.examine()
    if as_json:
        click.echo(json.dumps(found.data(), indent=2))
    else:
        for line, colour in found.lines():
            click.secho(line, fg=colour, color=colours())
    sys.exit(0 if found.holds else 1)
