"""What is said while submissions are graded: a bar on a terminal, lines of JSON, or nothing; and always a log file."""

from __future__ import annotations

import contextlib
import json
import logging
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import click
from rich import progress as bars
from rich.text import Text

from grader.engine import Watcher
from grader.report.terminal import plain

if TYPE_CHECKING:
    from rich.console import Console

LOG = "grader.log"
MOST_NAME = 24  # columns


class Progress(Watcher, Protocol):
    """Told which submissions are at hand, of each when it is done, and what people should know of the machines."""

    def done(self, label: str, seconds: float, problem: str) -> None:
        """`problem`: why it is not graded, or nothing."""


@contextlib.contextmanager
def bar(console: Console, total: int) -> Iterator[Progress]:
    """A progress bar with rate, remaining time, who is being graded, and how many could not be."""
    columns = (
        bars.TextColumn("grading"), bars.BarColumn(bar_width=None), bars.MofNCompleteColumn(), bars.TimeElapsedColumn(),
        _Pace(), bars.TextColumn("{task.fields[faults]}"), bars.TextColumn("{task.fields[who]}", markup=False),
    )  # fmt: skip
    shown = bars.Progress(*columns, console=console, transient=not console.is_terminal)
    try:
        yield _Bar(shown, total)
    finally:
        if shown.live.is_started:
            shown.stop()


class _Pace(bars.ProgressColumn):
    """The time that is left and the rate, of all the time since the start: true also in the middle of a long hand-in.

    rich's own columns know the speed between the last hand-ins that were finished, and count down from there.
    """

    def render(self, task: bars.Task) -> Text:
        elapsed = task.finished_time if task.finished else task.elapsed
        if not task.completed or not elapsed or task.remaining is None:
            return Text("ETA -:--:--")
        left = timedelta(seconds=round(elapsed / task.completed * task.remaining))
        rate = task.completed / elapsed
        return Text(f"ETA {left} {f'{rate:.1f}/s' if rate >= 1 else f'{1 / rate:.1f} s each'}")


class _Bar:
    def __init__(self, shown: bars.Progress, total: int) -> None:
        self.shown = shown
        self.task = shown.add_task("grading", total=total, who="", faults="")
        self.faults = 0

    def busy(self, labels: list[str]) -> None:
        self.shown.start()  # only now: it has a thread, and a process with threads cannot fork those that grade
        self.shown.update(self.task, who=", ".join(plain(label).plain[:MOST_NAME] for label in labels))

    def note(self, text: str) -> None:
        self.shown.console.print(f"note: {text}", markup=False, soft_wrap=True)

    def done(self, label: str, seconds: float, problem: str) -> None:
        self.faults += bool(problem)
        self.shown.update(self.task, advance=1, faults=f"{self.faults} not graded" if self.faults else "")


class Lines:
    """One JSON object a submission on standard output."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.count = 0

    def busy(self, labels: list[str]) -> None:
        """Not told: a line is about something that has happened."""

    def note(self, text: str) -> None:
        click.echo(json.dumps({"event": "note", "note": text}))

    def done(self, label: str, seconds: float, problem: str) -> None:
        self.count += 1
        event = {"event": "not graded" if problem else "graded", "who": label, "seconds": seconds}
        event |= {"problem": problem} if problem else {}
        click.echo(json.dumps(event | {"done": self.count, "of": self.total}))


class Times:
    """A line for each submission, with the time of day: for who looks now and then."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.say = say

    def busy(self, labels: list[str]) -> None:
        pass

    def note(self, text: str) -> None:
        self.say(f"{time.strftime('%H:%M:%S')} note: {text}")

    def done(self, label: str, seconds: float, problem: str) -> None:
        who = plain(label).plain
        said = f"not graded: {who}: {problem}" if problem else f"graded: {who} in {seconds:.1f} s"
        self.say(f"{time.strftime('%H:%M:%S')} {said}")


class Silence:
    """Says only what went wrong."""

    def busy(self, labels: list[str]) -> None:
        pass

    def note(self, text: str) -> None:
        click.echo(f"note: {text}", err=True)

    def done(self, label: str, seconds: float, problem: str) -> None:
        pass


@contextlib.contextmanager
def log(folder: Path) -> Iterator[logging.Logger]:
    """The log file of an output folder, which each run continues: when it began, whom it graded, how it ended."""
    logger = logging.getLogger("grader.run")
    logger.setLevel(logging.INFO)
    logger.propagate = False
    handler = logging.FileHandler(folder / LOG, encoding="utf-8", errors="backslashreplace")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S%z"))
    logger.addHandler(handler)
    try:
        yield logger
    finally:
        logger.removeHandler(handler)
        handler.close()
