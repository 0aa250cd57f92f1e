"""Where submissions are graded: local processes, each with its own zygotes and suites.

Trusted side. Each process is given folders and gives back records; nothing else travels.
"""

from __future__ import annotations

import atexit
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing.queues import SimpleQueue
from pathlib import Path
from typing import TYPE_CHECKING

from grader import course as courses
from grader import intake
from grader.errors import UserError
from grader.jail import kernel
from grader.marking.check import GraderFault
from grader.model import Record

AHEAD = 2  # submissions per process that are handed out before the first comes back


@dataclass(frozen=True)
class Plan:
    """What every process needs to know; small, and the same for all submissions."""

    root: Path
    steps: tuple[str, ...]
    tracks: tuple[str, ...]
    seed: int
    sandbox: str


@dataclass(frozen=True)
class NotGraded:
    """A submission that could not be graded, and why."""

    learner: str
    reason: str


if TYPE_CHECKING:
    from grader.marking.examiner import Examiner

_examiner: Examiner | UserError | None = None  # of this process
_steps: list[str] = []


def _start(plan: Plan, parent: int, cores: SimpleQueue[int]) -> None:
    """In a new process: load course and suites once."""
    global _examiner
    if not cores.empty():  # a question goes back and forth between two processes: on one core its data stay warm
        os.sched_setaffinity(0, {cores.get()})
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's: it lets the submissions at hand finish
    from grader.marking.examiner import Examiner  # brings pytest, which only grading processes need

    try:
        course = courses.load(plan.root)
        _steps[:] = list(course.steps)
        _examiner = Examiner(course, course.modules(plan.steps, plan.tracks), plan.seed, plan.sandbox)
        atexit.register(_examiner.close)
    except UserError as error:
        _examiner = error  # told at the first submission: an initializer that raises only breaks the pool


def _grade(folder: Path) -> Record | NotGraded:
    if isinstance(_examiner, UserError):
        raise _examiner
    assert _examiner is not None
    try:
        submission = intake.read(folder, _steps)
    except UserError as error:
        return NotGraded(intake.learner_name(folder), str(error))
    try:
        return _examiner.grade(submission)
    except GraderFault as fault:
        _examiner.close()  # the next submission gets fresh zygotes
        return NotGraded(intake.learner_name(folder), str(fault))


def run(plan: Plan, folders: list[Path], jobs: int, stop: Callable[[], bool]) -> Iterator[Record | NotGraded]:
    """Grade `folders` on `jobs` processes, in the order in which they are done.

    Once `stop()` is true the submissions at hand are finished and no other is begun. A process that dies is replaced;
    each submission that was under way is then tried once more by itself, so that one of them cannot spoil the others.
    UserError: the course cannot be used.
    """
    waiting = folders[::-1]
    suspects: list[Path] = []
    while (waiting or suspects) and not stop():
        if suspects:
            alone = [suspects.pop()]
            lost: list[Path] = []
            yield from _pool(plan, alone, 1, lost, stop)
            for folder in lost:
                yield NotGraded(intake.learner_name(folder), "the grading process died twice under this submission")
        else:
            yield from _pool(plan, waiting, jobs, suspects, stop)


def _pool(
    plan: Plan, waiting: list[Path], jobs: int, lost: list[Path], stop: Callable[[], bool]
) -> Iterator[Record | NotGraded]:
    """Work `waiting` off from its end. When a process dies, what was under way is added to `lost`."""
    context = multiprocessing.get_context("spawn")
    cores: SimpleQueue[int] = context.SimpleQueue()
    available = os.sched_getaffinity(0)
    for core in available if jobs == len(available) else ():
        cores.put(core)
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_start, initargs=(plan, os.getpid(), cores))
    running: dict[Future[Record | NotGraded], Path] = {}
    try:
        while (waiting and not stop()) or running:
            while waiting and not stop() and len(running) < jobs * AHEAD:
                folder = waiting.pop()
                running[pool.submit(_grade, folder)] = folder
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                result = future.result()
                del running[future]
                yield result
    except BrokenProcessPool:
        lost += running.values()
    finally:
        pool.shutdown(cancel_futures=True)
