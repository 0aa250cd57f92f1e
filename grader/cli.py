"""The command line. Thin: reads options, calls the units, prints. Heavy imports wait until they are needed."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader import __version__
from grader.errors import UserError

if TYPE_CHECKING:
    from rich.console import Console

    from grader.course import Course, Module
    from grader.engine import Plan
    from grader.model import Record
    from grader.store import Store

NOT_ALL_GRADED = 1
USAGE = 2
INTERRUPTED = 130
MOST_ROWS = 60  # of the table on the terminal; grades.csv and report.html have all


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


def load_course(context: click.Context) -> Course:
    from grader import course as courses

    return courses.load(context.obj if context.obj is not None else courses.find(Path.cwd()))


@main.command()
@click.argument("submissions", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder for records, grades and report.")
@click.option("--step", "steps", multiple=True, metavar="NN_STEP", help="Grade this step only (repeatable).")
@click.option("--track", "tracks", multiple=True, metavar="TRACK", help="Grade this track only (repeatable).")
@click.option("--jobs", type=click.IntRange(min=1), help="Processes (default: all cores).")
@click.option("--seed", type=int, help="Seed of the hidden inputs (default: the one of this output folder, or random).")
@click.option(
    "--sandbox",
    type=click.Choice(["jail", "none"]),
    default="jail",
    show_default=True,
    help="none: no protection at all, for code that you trust.",
)
@click.option("--fresh", is_flag=True, help="Grade everybody again, also where nothing has changed.")
@click.pass_context
def run(
    context: click.Context,
    submissions: Path,
    out: Path,
    steps: tuple[str, ...],
    tracks: tuple[str, ...],
    jobs: int | None,
    seed: int | None,
    sandbox: str,
    fresh: bool,
) -> None:
    """Grade SUBMISSIONS: a folder with one folder or archive per learner, each holding exercises/NN_step/*.py."""
    require_linux()  # before what follows is imported: store needs fcntl
    from rich.console import Console

    from grader import intake, store
    from grader.engine import Plan

    course = load_course(context)
    modules = course.modules(steps, tracks)
    if not modules:
        raise UserError("no module is in that selection", next_step="take another --step or --track")
    folders = intake.learners(submissions)
    require_jail(sandbox)
    settings = {"course": course.title, "seed": seed, "sandbox": sandbox, "modules": [m.key for m in modules]}
    # a file or a pipe has no width: there the table gets what it needs
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 200)
    with store.open_store(out, settings) as records:
        plan = Plan(course.root.resolve(), steps, tracks, records.seed, sandbox)
        if fresh:
            for folder in folders:
                records.forget(intake.learner_name(folder))
        waiting, again = unfinished(course, folders, records, settings)
        if len(waiting) < len(folders):
            console.print(f"{len(folders) - len(waiting)} of {len(folders)} are graded already and unchanged")
        if again:
            console.print(f"{again} graded again: hand-in, course or grader changed, or the record cannot be used")
        not_graded, interrupted = grade_all(plan, waiting, records, jobs or len(os.sched_getaffinity(0)), console)
        learners = [intake.learner_name(folder) for folder in folders]
        write_results(course, modules, records, learners, not_graded, console)
    if interrupted:
        console.print("Interrupted. What was graded is kept: the same command goes on from here.")
        sys.exit(INTERRUPTED)
    if not_graded:
        console.print(f"{len(not_graded)} not graded:", style="bold")
        for learner, reason in sorted(not_graded.items()):
            console.print(f"  {learner}: {reason}", markup=False, soft_wrap=True)
        sys.exit(NOT_ALL_GRADED)


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


def require_linux() -> None:
    """UserError: another system. Asked before anything is imported that only Linux has."""
    if sys.platform != "linux":
        raise UserError(
            f"grading needs Linux; this is {sys.platform}",
            next_step="take a Linux machine, a virtual machine, a container, or on Windows WSL2",
        )


def unfinished(
    course: Course, folders: list[Path], records: Store, settings: Mapping[str, object]
) -> tuple[list[Path], int]:
    """The folders whose record is missing, failed, or about something else than what is asked for now.

    Also how many of them had a record. UserError: it cannot be removed.
    """
    from grader import intake

    digests = course.digests()
    waiting = []
    again = 0
    for folder in folders:
        record = records.load(intake.learner_name(folder))
        if record is None or not still_holds(record, digests, records.seed, settings, folder, course.files()):
            again += records.forget(intake.learner_name(folder))
            waiting.append(folder)
    return waiting, again


def still_holds(
    record: Record,
    digests: dict[str, str],
    seed: int,
    settings: Mapping[str, object],
    folder: Path,
    files: dict[str, list[str]],
) -> bool:
    """Whether grading again would find the same out."""
    from grader import intake

    same_question = (
        not record.faults
        and record.grader == __version__
        and record.seed == seed
        and digests.items() <= record.hashes.items()
        and record.sandbox.get("level") == settings["sandbox"]
        and [f"{result.step}/{result.track}" for result in record.modules] == settings["modules"]
    )
    try:
        return same_question and record.hashes.get("submission") == intake.read(folder, files).digest()
    except UserError:
        return False


def grade_all(
    plan: Plan, waiting: list[Path], records: Store, jobs: int, console: Console
) -> tuple[dict[str, str], bool]:
    """Grade with a progress bar, saving each record as it comes. Returns who was not graded and why; interrupted?"""
    from grader import engine

    not_graded: dict[str, str] = {}
    interrupted = interruptible()
    results = engine.run(plan, waiting, min(jobs, len(waiting) or 1), interrupted)

    # imported while the processes start
    from rich import progress as bars

    from grader.report.terminal import plain

    columns = (
        bars.TextColumn("grading"), bars.BarColumn(), bars.MofNCompleteColumn(), bars.TimeElapsedColumn(),
        bars.TextColumn("ETA"), bars.TimeRemainingColumn(), bars.TextColumn("{task.fields[who]}", markup=False),
    )  # fmt: skip
    with bars.Progress(*columns, console=console, transient=not console.is_terminal) as progress:
        task = progress.add_task("grading", total=len(waiting), who="")
        for result in results:
            if isinstance(result, engine.NotGraded):
                not_graded[result.learner] = result.reason
            else:
                records.save(result)
                if result.faults:
                    not_graded[result.learner] = result.faults[0]
            progress.update(task, advance=1, who=plain(result.learner).plain[:30])
        progress.update(task, who="")
    return not_graded, interrupted()


def interruptible() -> Callable[[], bool]:
    """Ctrl-C, once: finish what is at hand. Twice: stop at once. Returns whether it was pressed."""
    pressed = [False]

    def handler(number: int, frame: object) -> None:
        if pressed[0]:
            raise KeyboardInterrupt
        pressed[0] = True
        click.echo("\nFinishing the submissions at hand (Ctrl-C again: stop at once)", err=True)

    signal.signal(signal.SIGINT, handler)
    return lambda: pressed[0]


def write_results(
    course: Course,
    modules: list[Module],
    records: Store,
    learners: list[str],
    not_graded: dict[str, str],
    console: Console,
) -> None:
    """grades.csv, report.html and the table, from what the folder holds now."""
    from grader.report.grades import grades_csv
    from grader.report.page import Run, class_page
    from grader.report.terminal import table
    from grader.scoring import score
    from grader.store import write_atomically

    found = [record for learner in sorted(learners) if (record := records.load(learner)) is not None]
    scores = {record.learner: score(record, modules) for record in found}
    head = Run(course.title, records.seed, str(records.settings["sandbox"]), not_graded)
    write_atomically(records.folder / "grades.csv", grades_csv(scores, modules))
    write_atomically(records.folder / "report.html", class_page(head, found, scores, modules))
    console.print(table(found[:MOST_ROWS], scores, modules, console))
    if len(found) > MOST_ROWS:
        console.print(f"... and {len(found) - MOST_ROWS} more")
    noun = "learner" if len(found) == 1 else "learners"
    console.print(f"{len(found)} {noun}, {sum(m.points for m in modules):g} points each. Seed {records.seed}.")
    for name, what in (("grades.csv", "grades"), ("report.html", "report"), ("records", "records")):
        console.print(f"  {what}: {records.folder / name}", markup=False, soft_wrap=True)


@main.command()
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@click.option("--zip", "zipped", is_flag=True, help="Make FOLDER.zip too.")
@click.option("--stubs", is_flag=True, help="Only regenerate the stubs in exercises/ from solutions/.")
@click.pass_context
def release(context: click.Context, folder: Path | None, zipped: bool, stubs: bool) -> None:
    """Make FOLDER, which is what learners get; refused if it held an answer, a hidden test or a probe."""
    from grader.release.bundle import build
    from grader.release.stubs import write_stubs

    course = load_course(context)
    if stubs == (folder is not None):
        raise UserError("give either a new FOLDER or --stubs", next_step="grader release FOLDER, or --help")
    if folder is None:
        changed = write_stubs(course)
        for file in changed:
            click.echo(f"wrote {file.relative_to(course.root)}")
        click.echo(f"{len(changed)} of {len(course.modules())} stubs have changed")
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


def colours() -> bool | None:
    """For click: never where NO_COLOR is set, else on a terminal."""
    return False if "NO_COLOR" in os.environ else None


@main.command()
@click.option("--json", "as_json", is_flag=True, help="The same as data.")
def doctor(as_json: bool) -> None:
    """Try on this machine what the jail has to refuse, and say what is missing. Exit code 1: it cannot grade."""
    import json

    from grader import doctor as clinic

    found = clinic.examine()
    if as_json:
        click.echo(json.dumps(found.data(), indent=2))
    else:
        for line, colour in found.lines():
            click.secho(line, fg=colour, color=colours())
    sys.exit(0 if found.holds else 1)
