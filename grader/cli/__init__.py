"""The command line. Thin: reads options, calls the units, prints. Heavy imports wait until they are needed."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from grader import __version__
from grader.errors import UserError

USAGE = 2


class Group(click.Group):
    """Shows a UserError as the sentence it is."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except UserError as error:
            click.echo(f"grader: {error}", err=True)
            sys.exit(USAGE)


@click.group(cls=Group)
@click.version_option(__version__, prog_name="grader")
@click.option("--course", type=click.Path(path_type=Path), help="The course's folder (default: here or above).")
@click.pass_context
def main(context: click.Context, course: Path | None) -> None:
    """Grade the microgpt course, or any course of its shape, without trusting what is handed in."""
    context.obj = course


from grader.cli import audit, course, grade, inspect, nbgrader, share  # noqa: E402  # each adds its commands to main

__all__ = ["audit", "course", "grade", "inspect", "main", "nbgrader", "share"]
