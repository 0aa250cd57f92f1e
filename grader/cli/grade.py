"""Commands that give marks: run, which grades, and rescore, which counts again what was graded."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader import __version__
from grader.cli import main
from grader.cli.common import learners, load_course, require_jail, require_linux, require_one_place, results
from grader.errors import UserError

if TYPE_CHECKING:
    from rich.console import Console

    from grader.cli.progress import Progress
    from grader.course import Course, Module
    from grader.engine import Plan
    from grader.model import ClassList, HandedOut, HandIn, Record
    from grader.results import Written
    from grader.scoring import Adjustments
    from grader.store import Store

NOT_ALL_GRADED = 1
INTERRUPTED = 130
MOST_NAMED = 20  # learners in one sentence
MOST_NOT_GRADED = 200  # learners, each with the reason on a line


@main.command()
@click.argument("submissions", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder for records, grades and report.")
@click.option("--roster", type=click.Path(path_type=Path), help="CSV with the class: id, name, or a platform's export.")
@click.option("--times", type=click.Path(path_type=Path), help="CSV with learner, submitted: when it was handed in.")
@click.option("--step", "steps", multiple=True, metavar="NN_STEP", help="Grade this step only (repeatable).")
@click.option("--track", "tracks", multiple=True, metavar="TRACK", help="Grade this track only (repeatable).")
@click.option("--jobs", type=click.IntRange(min=1), help="Processes (default: all cores).")
@click.option("--scheduler", metavar="ADDRESS", help="Grade on this Dask cluster, as tcp://host:8786 or tls://...")
@click.option("--seed", type=int, help="Seed of the hidden inputs (default: the one of this output folder, or random).")
@click.option(
    "--sandbox",
    type=click.Choice(["jail", "none"]),
    default="jail",
    show_default=True,
    help="none: no protection at all, for code that you trust.",
)
@click.option("--fresh", is_flag=True, help="Grade everybody again, also where nothing has changed.")
@click.option("--replace", "replacing", is_flag=True, help="Leave out of --out what is not in this run.")
@click.option("--watch", "watching", is_flag=True, help="Go on: grade what arrives or changes, until Ctrl-C.")
@click.option("--quiet", is_flag=True, help="Say only what went wrong.")
@click.option("--json", "as_json", is_flag=True, help="Say each thing as a line of JSON.")
@click.pass_context
def run(
    context: click.Context,
    submissions: Path,
    out: Path,
    roster: Path | None,
    times: Path | None,
    steps: tuple[str, ...],
    tracks: tuple[str, ...],
    jobs: int | None,
    scheduler: str | None,
    seed: int | None,
    sandbox: str,
    fresh: bool,
    replacing: bool,
    watching: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Grade SUBMISSIONS: a folder with one folder or archive per learner, or what Canvas, Moodle, Gradescope, nbgrader
    or GitHub Classroom make of it, unpacked or as the one archive that it was.
    """
    require_linux()  # before what follows is imported: store needs fcntl
    require_one_place(jobs, scheduler)
    if watching and not submissions.is_dir():
        raise UserError("only a folder can be watched", where=str(submissions), next_step="leave out --watch")
    voice = Voice(quiet, as_json)
    asked = Asked(context, submissions, out, roster, times, steps, tracks, scheduler or jobs, seed, sandbox, replacing)
    stop = interruptible()
    if watching:
        watched(asked, voice, stop, fresh)
        return
    once = graded(asked, voice, stop, fresh)
    if once.interrupted:
        sys.exit(INTERRUPTED)
    sys.exit(NOT_ALL_GRADED if once.not_graded else 0)


@dataclass(frozen=True)
class Asked:
    """What `grader run` was asked for."""

    context: click.Context
    submissions: Path
    out: Path
    roster: Path | None
    times: Path | None
    steps: tuple[str, ...]
    tracks: tuple[str, ...]
    where: int | str | None  # processes, or the address of a scheduler; None: all cores
    seed: int | None
    sandbox: str
    replacing: bool


@dataclass(frozen=True)
class Graded:
    """How one pass over the class has ended."""

    not_graded: int
    interrupted: bool


Chosen = Callable[[Iterable["HandIn"]], Collection[str]]


def graded(
    asked: Asked, voice: Voice, stop: Callable[[], bool], fresh: bool = False, chosen: Chosen | None = None
) -> Graded:
    """Grade whatever has no record that holds (of the learners that `chosen` names), and write all results."""
    from grader import intake, store
    from grader.cli import kept
    from grader.engine import Plan

    course = load_course(asked.context)
    modules = course.modules(asked.steps, asked.tracks)
    if not modules:
        raise UserError("no module is in that selection", next_step="take another --step or --track")
    with intake.opened(asked.submissions, course.steps) as folder:
        collected = intake.collect(folder, course.steps, bool(course.term.attempts))
        if not isinstance(asked.where, str):
            require_jail(asked.sandbox)
        keys = [module.key for module in modules]
        settings = {"course": course.title, "seed": asked.seed, "sandbox": asked.sandbox, "modules": keys}
        settings["submissions"] = str(asked.submissions.resolve())
        gone = kept.gone(asked.out, keys, lambda records: enrolled(collected, asked.roster, None, records))
        if not asked.replacing:
            gone.refuse()
        with store.open_store(asked.out, settings) as records:
            class_list = enrolled(collected, asked.roster, asked.times, records, course.steps)
            names = None if chosen is None else chosen(class_list.hand_ins)
            plan = Plan(course.root.resolve(), asked.steps, asked.tracks, records.seed, asked.sandbox)
            session = Session(course, modules, records, plan, voice, stop)
            where = asked.where or len(os.sched_getaffinity(0))
            refused, interrupted = session.grade(class_list, where, fresh, names)
            hidden = {label: reason.replace(f"{folder}/", "") for label, reason in refused.items()}
            refused = hidden if folder != asked.submissions else refused
            class_list = replace(class_list, refused=refused, notes=(*class_list.notes, *gone.notes()))
            records.save_class(class_list)
            written = session.write(class_list)
    voice.end(records, written, class_list, interrupted)
    return Graded(len(written.not_graded), interrupted)


def watched(asked: Asked, voice: Voice, stop: Callable[[], bool], fresh: bool) -> None:
    """Grade what is there, and then what arrives or changes, until there is a wish to stop.

    What goes wrong the first time ends it (UserError). Later, when perhaps nobody looks, it is said once, and tried
    again until it goes right.
    """
    from grader.cli.watch import Eye

    eye = Eye(asked.submissions, asked.out)
    interrupted = False
    problem = ""
    while not stop():
        if eye.look():
            try:
                interrupted = graded(asked, voice, stop, fresh, eye.learners).interrupted
                problem = ""
            except UserError as error:
                if not voice.brief:
                    raise
                if str(error) != problem:
                    voice.problem(error)
                problem = str(error)
            if not voice.brief:
                voice.say(f"Watching {asked.submissions}. Ctrl-C ends it; the same command goes on.")
            voice.brief, fresh = True, False
            asked = replace(asked, replacing=True)  # what goes is left out, and its records stay: not to end by it
        eye.wait(stop)
    if interrupted:
        sys.exit(INTERRUPTED)


def enrolled(
    collected: object, roster: Path | None, times: Path | None, records: Store, steps: Collection[str] = ()
) -> ClassList:
    """The hand-ins under the ids of the roster, with their times: as given now, or as this output folder has them."""
    from grader.intake import Collected
    from grader.intake import roster as rosters
    from grader.model import ClassList

    assert isinstance(collected, Collected)
    before = records.load_class()
    people = rosters.people(roster) if roster is not None else list((before and before.roster) or ())
    hand_ins, notes = collected.hand_ins, list(collected.notes)
    if people:
        matched = rosters.match(hand_ins, people)
        hand_ins = matched.hand_ins
        notes += [f"{learner} is not on the roster" for learner in matched.unknown]
    known = rosters.times(times, steps) if times is not None else before.times if before else ()
    hand_ins, nobodys = rosters.with_times(hand_ins, known, people)
    if times is not None and nobodys:
        raise UserError(nobodys[0], where=str(times), next_step="mend or remove that row of the times")
    if times is None and known:
        notes.append(f"lateness is by the --times of an earlier run ({len(known)} rows); another --times replaces them")
        notes += [f"of these times: {said}" for said in nobodys]
    return ClassList(hand_ins, tuple(people) or None, {}, tuple(notes), known)


@dataclass
class Session:
    """One run over one class: what is to be graded, grading it, and writing what came of it."""

    course: Course
    modules: list[Module]
    records: Store
    plan: Plan
    voice: Voice
    stop: Callable[[], bool]

    def grade(
        self, class_list: ClassList, where: int | str, fresh: bool, learners: Collection[str] | None
    ) -> tuple[dict[str, str], bool]:
        """Grade what has no record that holds, on so many processes or on that cluster; of all or of these learners.

        Returns who was not graded and why, by label; interrupted?
        """
        from grader.cli import progress

        adjustments = self.adjustments(class_list)  # a mistake in them is told before hours of grading
        wanted = self.wanted(class_list, adjustments)
        refused = {}
        if learners is not None:
            before = self.records.load_class()
            others = {one.label for one in wanted if one.learner not in learners}
            refused = {label: why for label, why in (before.refused if before else {}).items() if label in others}
            wanted = [one for one in wanted if one.learner in learners]
        if fresh:
            for one in wanted:
                self.records.forget(one.learner, one.attempt)
        waiting, again = self.unfinished(wanted)
        self.voice.begin(len(wanted), len(waiting), again)
        with progress.log(self.records.folder) as log, self.voice.progress(len(waiting)) as shown:
            log.info("grader %s, %s, seed %s, %s of %s to grade", __version__, self.course.title, self.plan.seed,
                     len(waiting), len(wanted))  # fmt: skip
            told = _Logged(log)
            newly, interrupted = self.grade_all(waiting, where, All([shown, told]))
            left = f", {len(waiting) - told.count} still to do" if interrupted else ""
            log.info("%s: %s graded, %s not graded%s", "interrupted" if interrupted else "done",
                     told.count - len(newly), len(newly), left)  # fmt: skip
        return refused | newly, interrupted

    def adjustments(self, class_list: ClassList) -> Adjustments:
        from grader import overrides

        return overrides.read(self.records.folder, self.course, learners(class_list))

    def wanted(self, class_list: ClassList, adjustments: Adjustments) -> list[HandIn]:
        """The attempts that may count."""
        from grader.scoring import Work, needed

        by_learner: dict[str, list[HandIn]] = {}
        for one in class_list.hand_ins:
            by_learner.setdefault(one.learner, []).append(one)
        return [
            one
            for learner, attempts in by_learner.items()
            for one in needed(self.course, self.modules, Work(learner, tuple(attempts)), adjustments)
        ]

    def unfinished(self, wanted: list[HandIn]) -> tuple[list[HandIn], int]:
        """The hand-ins whose record is missing, failed, or about something else than what is asked for now.

        Also how many of them had a record. UserError: it cannot be removed, or the course cannot be used.
        """
        digests, handed_out = self.course.digests(), self.course.handed_out
        waiting = []
        again = 0
        for one in wanted:
            record = self.records.load(one.learner, one.attempt)
            if record is None or not self.still_holds(record, digests, one, handed_out):
                again += self.records.forget(one.learner, one.attempt)
                waiting.append(one)
        return waiting, again

    def still_holds(self, record: Record, digests: Mapping[str, str], hand_in: HandIn, handed_out: HandedOut) -> bool:
        """Whether grading again would find the same out."""
        from grader import intake

        same_question = (
            not record.faults
            and record.grader == __version__
            and record.seed == self.plan.seed
            and digests.items() <= record.hashes.items()
            and record.sandbox.get("level") == self.plan.sandbox
            and {m.key for m in self.modules} <= {f"{result.step}/{result.track}" for result in record.modules}
        )
        if not same_question:
            return False
        try:
            return record.hashes.get("submission") == intake.read(hand_in, self.course.files(), handed_out).digest()
        except UserError:
            return False

    def grade_all(self, waiting: list[HandIn], where: int | str, told: Progress) -> tuple[dict[str, str], bool]:
        """Grade, saving each record as it comes. Returns who was not graded and why, by label; interrupted?"""
        from grader import engine

        refused: dict[str, str] = {}
        labels = {(one.learner, one.attempt): one.label for one in waiting}
        if isinstance(where, int):
            where = min(where, len(waiting) or 1)
        for result in engine.run(self.plan, waiting, where, self.stop, told):
            if isinstance(result, engine.NotGraded):
                label, seconds, problem = result.hand_in.label, 0.0, result.reason
            else:
                self.records.save(result)
                label, seconds = labels[result.learner, result.attempt], result.seconds
                problem = result.faults[0] if result.faults else ""
            if problem:
                refused[label] = problem
            told.done(label, seconds, problem)
        return refused, self.stop()

    def write(self, class_list: ClassList) -> Written:
        """grades.csv, report.html and the learners' pages, from what the folder holds now."""
        from grader import results as units

        works = units.works(self.records, class_list)
        grades = units.grades(self.course, self.modules, works, self.adjustments(class_list))
        written = units.write(self.course, self.modules, self.records, grades, class_list.notes)
        self.voice.results(written, self.modules, self.records.seed)
        return written


@dataclass
class All:
    """Tells them all."""

    told: list[Progress]

    def busy(self, labels: list[str]) -> None:
        for one in self.told:
            one.busy(labels)

    def note(self, text: str) -> None:
        for one in self.told:
            one.note(text)

    def done(self, label: str, seconds: float, problem: str) -> None:
        for one in self.told:
            one.done(label, seconds, problem)


@dataclass
class _Logged:
    """Tells the log, and counts what it tells."""

    log: object
    count: int = 0

    def busy(self, labels: list[str]) -> None:
        """Not logged."""

    def note(self, text: str) -> None:
        import logging

        assert isinstance(self.log, logging.Logger)
        self.log.warning("%s", " ".join(text.split()))

    def done(self, label: str, seconds: float, problem: str) -> None:
        import logging

        from grader.report.sentences import spelt

        assert isinstance(self.log, logging.Logger)
        self.count += 1
        if problem:
            self.log.error("not graded: %s: %s", spelt(label), spelt(" ".join(problem.split())))
        else:
            self.log.info("graded: %s in %.2f s", spelt(label), seconds)


class Voice:
    """What a command says, and how: for people, as lines of JSON, or hardly at all."""

    def __init__(self, quiet: bool, as_json: bool) -> None:
        from rich.console import Console

        self.quiet = quiet
        self.brief = False  # of many passes: says of each only who was graded
        self.as_json = as_json
        # a file or a pipe has no width: there the table gets what it needs
        self.console: Console = Console(highlight=False, width=None if sys.stdout.isatty() else 200)

    def say(self, text: str) -> None:
        if not self.quiet and not self.as_json:
            self.console.print(text, markup=False, soft_wrap=True)

    def begin(self, all_of_them: int, waiting: int, again: int) -> None:
        if self.brief:
            return
        if waiting < all_of_them:
            self.say(f"{all_of_them - waiting} of {all_of_them} are graded already and unchanged")
        if again:
            self.say(f"{again} graded again: hand-in, course or grader changed, or the record cannot be used")

    @contextlib.contextmanager
    def progress(self, total: int) -> Iterator[Progress]:
        from grader.cli import progress

        if self.as_json:
            yield progress.Lines(total)
        elif self.quiet:
            yield progress.Silence()
        elif self.brief:
            yield progress.Times(self.say)
        else:
            with progress.bar(self.console, total) as shown:
                yield shown

    def results(self, written: Written, modules: list[Module], seed: int) -> None:
        """The table, and where to find more."""
        from grader.report.terminal import table

        if self.quiet or self.as_json or self.brief:
            return
        self.console.print(table(written.first, modules, self.console))
        if written.learners > len(written.first):
            self.say(f"... and {written.learners - len(written.first)} more")
        noun = "learner" if written.learners == 1 else "learners"
        self.say(f"{written.learners} {noun}, {sum(m.points for m in modules):g} points each. Seed {seed}.")
        for name, what in written.places:
            self.say(f"  {name}: {what}")

    def end(self, records: Store, written: Written, class_list: ClassList, interrupted: bool) -> None:
        """Who is not graded, what is odd about the class, and how to go on."""
        noted, absent, not_graded = len(written.noted), written.nothing, written.not_graded
        if self.as_json:
            event = {
                "event": "interrupted" if interrupted else "done",
                "results": str(records.folder),
                "seed": records.seed,
                "graded": written.graded,
                "not_graded": not_graded,
                "nothing_handed_in": absent,
                "something_left_out_or_in_doubt": written.noted,
                "notes": list(class_list.notes),
            }
            click.echo(json.dumps(event))
            return
        if self.brief:
            return
        for note in class_list.notes[:MOST_NAMED]:
            self.say(f"note: {note}")
        if len(class_list.notes) > MOST_NAMED:
            self.say(f"and {len(class_list.notes) - MOST_NAMED} notes more in class.json")
        if noted:
            have = "1 learner has" if noted == 1 else f"{noted} learners have"
            self.say(f"{have} notes on what was left out or is in doubt: {records.folder / 'report.html'}")
        if absent:
            more = f" and {len(absent) - MOST_NAMED} more" if len(absent) > MOST_NAMED else ""
            self.say(f"{len(absent)} handed in nothing: {', '.join(absent[:MOST_NAMED])}{more}")
        if interrupted:
            self.loud("Interrupted. What was graded is kept: the same command goes on from here.")
        elif not_graded:
            self.loud(f"{len(not_graded)} not graded:")
            for learner, why in list(not_graded.items())[:MOST_NOT_GRADED]:
                self.loud(f"  {learner}: {why}")
            if len(not_graded) > MOST_NOT_GRADED:
                self.loud(f"  and {len(not_graded) - MOST_NOT_GRADED} more: grader.log and report.html")

    def problem(self, error: UserError) -> None:
        """One that does not end everything."""
        if self.as_json:
            click.echo(json.dumps({"event": "problem", "problem": str(error), "next_step": error.next_step}))
        else:
            self.loud(f"{error}\n  {error.next_step}")

    def loud(self, text: str) -> None:
        """What --quiet does not silence."""
        self.console.print(text, markup=False, soft_wrap=True)


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


@main.command()
@click.argument("folder", metavar="RESULTS", type=click.Path(path_type=Path))
@click.option("--quiet", is_flag=True, help="Say only what went wrong.")
@click.pass_context
def rescore(context: click.Context, folder: Path, quiet: bool) -> None:
    """Count again what RESULTS holds, after changed points, deadlines or overrides. No learner code runs."""
    from grader import results as units

    voice = Voice(quiet, as_json=False)
    with results(context, folder) as found:
        old: list[str] = []
        works = units.noting_stale(found.course, units.works(found.records, found.class_list), old)
        grades = units.grades(found.course, found.modules, works, found.adjustments)
        written = units.write(found.course, found.modules, found.records, grades, found.class_list.notes)
        voice.results(written, found.modules, found.records.seed)
        voice.end(found.records, written, found.class_list, interrupted=False)
    if old:
        voice.loud(
            f"{len(old)} were graded when solutions, suites or limits were other ones: grader run grades them anew"
        )
    sys.exit(NOT_ALL_GRADED if written.not_graded else 0)
