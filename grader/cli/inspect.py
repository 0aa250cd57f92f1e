"""Commands that look closer at what was handed in: explain and similar."""

from __future__ import annotations

import difflib
import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli import main
from grader.cli.common import Results, require_jail, results
from grader.errors import UserError

MOST_LISTED = 20  # pairs on the terminal; the page has more

if TYPE_CHECKING:
    from grader.course import Module
    from grader.model import HandIn, Submission


@main.command()
@click.argument("name", metavar="LEARNER")
@click.argument("step", metavar="NN_STEP")
@click.option("--out", "folder", type=click.Path(path_type=Path), required=True, help="The results of grader run.")
@click.option("--submissions", type=click.Path(path_type=Path), help="The hand-ins (default: where they were then).")
@click.option("--track", "tracks", multiple=True, metavar="TRACK", help="This track only.")
@click.option("--check", metavar="NAME", help="This check only.")
@click.option("--attempt", metavar="NAME", help="This attempt (default: the last that was graded).")
@click.option("--seed", type=int, help="Other inputs than those of the results.")
@click.option("--full", is_flag=True, help="All questions, whole values, and the probes' source.")
@click.option("--json", "as_json", is_flag=True, help="The same as data.")
@click.pass_context
def explain(
    context: click.Context,
    name: str,
    step: str,
    folder: Path,
    submissions: Path | None,
    tracks: tuple[str, ...],
    check: str | None,
    attempt: str | None,
    seed: int | None,
    full: bool,
    as_json: bool,
) -> None:
    """Show an instructor all about one LEARNER's step: inputs, expected values, answers, on both chains.

    LEARNER is an id, or a name of the roster that only one has, in any capitals. The checks run again in the jail, with
    the inputs that they had.
    """
    from grader import explain as unit

    with results(context, folder) as found:
        modules = _modules(found, step, tracks, check)
        learner = _learner(found, name)
        source = submissions or Path(str(found.records.settings.get("submissions", "")))
        submission = _submission(found, source, learner, attempt)
        record = found.records.load(submission.learner, submission.attempt)
        used = found.records.seed if seed is None else seed
        sandbox = str(found.records.settings["sandbox"])
        require_jail(sandbox)
        findings = unit.look(found.course, submission, modules, check, used, sandbox, record if seed is None else None)
        grade = next(one for one in found.grades if one.learner == learner)
        findings = unit.decided(findings, grade, found.adjustments.of(learner).overrides)
    if as_json:
        click.echo(json.dumps(unit.data(findings), indent=1))
        return
    command = ["grader", "explain", learner, step, "--out", str(folder), "--submissions", str(source)]
    command += ["--seed", str(seed)] if seed is not None else []
    command += ["--attempt", attempt] if attempt is not None else []
    changed = record is not None and record.hashes.get("submission") != submission.digest()
    if changed:
        click.echo("What is handed in has changed since it was graded: grader run grades it again.")
    for line in unit.lines(findings, full, shlex.join(command)):
        click.echo(line)
    sys.exit(0 if all(one.agrees for one in findings) else 1)


def _modules(found: Results, step: str, tracks: tuple[str, ...], check: str | None) -> list[Module]:
    """UserError: no such step, track or check, or not in these results."""
    modules = [module for module in found.course.modules([step], tracks) if module in found.modules]
    if not modules:
        raise UserError(f"{step} is not in these results", next_step="name a step and track that was graded")
    names = {name for module in modules for name in module.checks}
    if check is not None and check not in names:
        near = difflib.get_close_matches(check, names, 3)
        hint = f"there is {', '.join(near)}" if near else "grader explain without --check shows all"
        raise UserError(f"{step} has no check {check}", next_step=hint)
    return [module for module in modules if check is None or check in module.checks]


def _learner(found: Results, name: str) -> str:
    """The id of whom an id, or a name that only one learner has, is about. UserError: nobody's, or that of several."""
    handed_in = {one.learner for one in found.class_list.hand_ins}
    if name in handed_in:
        return name
    names = {one.learner: one.name for one in found.grades if one.learner in handed_in}
    wanted = name.casefold()
    fitting = [one for one in names if wanted in (one.casefold(), names[one].casefold())]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise UserError(f"{name} may be {' or '.join(fitting)}", next_step="give the id")
    near = difflib.get_close_matches(name, [*names, *filter(None, names.values())], 3)
    hint = f"there is {', '.join(near)}" if near else "grades.csv has all ids and names"
    raise UserError(f"{name} is not in these results, or handed in nothing", next_step=hint)


def _submission(found: Results, source: Path, learner: str, attempt: str | None) -> Submission:
    """What this learner handed in. UserError: it is not there any more."""
    from grader import intake
    from grader.cli.grade import enrolled

    with intake.opened(source, found.course.steps) as folder:
        class_list = enrolled(
            intake.collect(folder, found.course.steps, bool(found.course.term.attempts)), None, None, found.records
        )
        own = [one for one in class_list.hand_ins if one.learner == learner]
        chosen = [one for one in own if attempt in (None, one.attempt)]
        graded = [one for one in chosen if found.records.load(one.learner, one.attempt) is not None]
        if not chosen:
            names = ", ".join(one.attempt for one in own) or "nothing of this learner"
            raise UserError("is not there", where=f"{learner}, {attempt}", next_step=f"in {source} there is: {names}")
        last: HandIn = (graded or chosen)[-1]
        return intake.read(last, found.course.files(), found.course.handed_out)


@main.command()
@click.argument("folder", metavar="RESULTS", type=click.Path(path_type=Path))
@click.option("--submissions", type=click.Path(path_type=Path), help="The hand-ins (default: where they were then).")
@click.pass_context
def similar(context: click.Context, folder: Path, submissions: Path | None) -> None:
    """Rank pairs of submissions by what they share beyond the exercise, whatever it is called. Nothing is executed.

    Writes RESULTS/similar.html with the pairs side by side, and flags near-identical ones in the report. This is
    evidence to look at, not a verdict.
    """
    from grader import results as units
    from grader import similar as unit
    from grader.store import write_atomically

    with results(context, folder) as found:
        source = submissions or Path(str(found.records.settings.get("submissions", "")))
        read, problems = _all_submissions(found, source)
        comparison = unit.compare(found.course, read, found.modules)
        pairs = unit.near_identical(comparison)
        page = unit.page(found.course.title, comparison, read)
        write_atomically(folder / "similar.html", page)
        write_atomically(folder / units.SIMILAR, json.dumps({"near_identical": pairs}, indent=1) + "\n")
        units.write(found.course, found.modules, found.records, found.grades, found.class_list.notes)
    for line in unit.told(comparison):
        click.echo(line)
    for pair in comparison.pairs[:MOST_LISTED]:
        click.echo(f"{100 * pair.score:4.0f} %  weight {pair.weight:5.0f}  {pair.learner}, {pair.other}")
    for problem in [*problems, *comparison.problems][:MOST_LISTED]:
        click.echo(f"not compared: {problem}")
    click.echo(f"{len(read)} learners compared, {len(pairs)} pairs flagged: evidence to look at, not a verdict.")
    click.echo(f"  side by side: {folder / 'similar.html'}")


def _all_submissions(found: Results, source: Path) -> tuple[list[Submission], list[str]]:
    """Each learner's last attempt, and who cannot be read."""
    from grader import intake
    from grader.cli.grade import enrolled

    read: dict[str, Submission] = {}
    problems = []
    handed_out = found.course.handed_out  # a mistake in it is not a learner's
    with intake.opened(source, found.course.steps) as folder:
        for one in enrolled(
            intake.collect(folder, found.course.steps, bool(found.course.term.attempts)), None, None, found.records
        ).hand_ins:
            try:
                read[one.learner] = intake.read(one, found.course.files(), handed_out)
            except UserError as error:
                problems.append(f"{one.label}: {error.what}")
    return list(read.values()), problems
