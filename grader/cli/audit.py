"""The command about the suites themselves: audit."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli import main
from grader.cli.common import colours, load_course, require_jail, require_linux
from grader.errors import UserError

if TYPE_CHECKING:
    from rich.console import Console

    from grader.audit.mutants import Mutant
    from grader.audit.trial import Plan, Trial
    from grader.audit.verdict import Verdict

MOST_TOLD = 20  # problems


@main.command()
@click.option("--out", type=click.Path(path_type=Path), help="Folder for audit.md and audit.json: every mutant's fate.")
@click.option("--step", "steps", multiple=True, metavar="NN_STEP", help="This step only (repeatable).")
@click.option("--track", "tracks", multiple=True, metavar="TRACK", help="This track only (repeatable).")
@click.option("--sample", type=click.IntRange(min=1), help="So many mutants of each module, chosen by the seed.")
@click.option("--seed", type=int, default=1, show_default=True, help="Seed of the hidden inputs.")
@click.option("--jobs", type=click.IntRange(min=1), help="Processes (default: all cores).")
@click.option("--public", type=click.IntRange(0, 100), default=85, show_default=True, help="Percent public tests kill.")
@click.option("--table", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Put the table into FILE.")
@click.option("--sandbox", type=click.Choice(["jail", "none"]), default="jail", show_default=True)
@click.pass_context
def audit(
    context: click.Context,
    out: Path | None,
    steps: tuple[str, ...],
    tracks: tuple[str, ...],
    sample: int | None,
    seed: int,
    jobs: int | None,
    public: int,
    table: Path | None,
    sandbox: str,
) -> None:
    """Run the suites on mutants of the solutions: small mistakes, each of which a suite ought to notice.

    Exit code 1: a wrong program passes the hidden suite, public suites kill too few, or a mutant that
    tests/equivalents.toml lists is none or no equivalent.
    """
    require_linux()
    require_jail(sandbox)
    if table is not None and (sample or steps or tracks):
        raise UserError(
            "a table is of the whole course", next_step="leave out --sample, --step and --track, or --table"
        )
    from rich.console import Console

    from grader.audit import equivalents, mutants, report, trial
    from grader.audit.verdict import Tried, Verdict

    course = load_course(context)
    modules = course.modules(steps, tracks)
    listed = equivalents.read(course)
    made = {module.key: mutants.of_module(course, module) for module in modules}
    chosen = {key: mutants.sample(all_, sample, seed) if sample else all_ for key, all_ in made.items()}
    plan = trial.Plan(course.root.resolve(), tuple(made), seed, sandbox)
    waiting = [mutant for key in chosen for mutant in chosen[key]]
    trials = tried(plan, waiting, jobs or len(os.sched_getaffinity(0)), Console(stderr=True))
    verdict = Verdict(
        modules=tuple(
            Tried(
                module,
                tuple(sorted(trials.get(module.key, []), key=lambda one: one.mutant.number)),
                tuple(entry for entry in listed if entry.module == module.key),
            )
            for module in modules
        ),
        stale=tuple(equivalents.without_mutant(listed, [mutant for all_ in made.values() for mutant in all_])),
        seed=seed,
        sampled=sample,
        public_share=public / 100,
    )
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / "audit.md").write_text(report.everything(course, verdict), "utf-8")
        (out / "audit.json").write_text(json.dumps(report.data(verdict), indent=1) + "\n", "utf-8")
    if table is not None:
        report.put_table(table, verdict)
    sys.exit(tell(verdict, out))


def tried(plan: Plan, waiting: list[Mutant], jobs: int, console: Console) -> dict[str, list[Trial]]:
    """All trials by module, with a progress bar on a terminal."""
    from rich import progress as bars

    from grader.audit import trial

    columns = (
        bars.TextColumn("mutants"), bars.BarColumn(bar_width=None), bars.MofNCompleteColumn(),
        bars.TimeElapsedColumn(), bars.TimeRemainingColumn(), bars.TextColumn("{task.fields[told]}", markup=False),
    )  # fmt: skip
    shown = bars.Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    task = shown.add_task("mutants", total=len(waiting), told="")
    found: dict[str, list[Trial]] = {}
    survived = 0
    try:
        for one in trial.run(plan, waiting, jobs, shown.start):
            found.setdefault(one.mutant.module, []).append(one)
            survived += not one.hidden
            shown.update(task, advance=1, told=f"{survived} survived" if survived else "")
    finally:
        shown.stop()
    return found


def tell(verdict: Verdict, out: Path | None) -> int:
    """Print the table and the problems. Returns the exit code."""
    from grader.audit import report

    widths = [max(map(len, column)) for column in zip(report.HEADINGS, *report.rows(verdict), strict=True)]
    for row in (report.HEADINGS, *report.rows(verdict)):
        first, *others = (
            cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        )
        click.echo("  ".join([first, *others]))
    problems = verdict.problems()
    for problem in problems[:MOST_TOLD]:
        click.secho(problem, fg="red", color=colours())
    if len(problems) > MOST_TOLD:
        where = f"{out / 'audit.md'} has all" if out is not None else "--out FOLDER shows all"
        click.echo(f"and {len(problems) - MOST_TOLD} more; {where}")
    return 1 if problems else 0
