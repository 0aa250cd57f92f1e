"""Where submissions are graded: local processes, each with its own zygotes and suites.

Trusted side. Each process is given hand-ins and gives back records; nothing else travels.
"""

from __future__ import annotations

import atexit
import gc
import multiprocessing
import os
import signal
import threading
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
from grader.model import HandedOut, HandIn, Record

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

    hand_in: HandIn
    reason: str


if TYPE_CHECKING:
    from grader.marking.examiner import Examiner

_examiner: Examiner | UserError | None = None  # of this process
_files: dict[str, list[str]] = {}
_handed_out = HandedOut()


def _start(plan: Plan, parent: int, cores: SimpleQueue[int]) -> None:
    """In a new process: load course and suites once."""
    global _examiner, _handed_out
    if not cores.empty():  # a question goes back and forth between two processes: on one core its data stay warm
        os.sched_setaffinity(0, {cores.get()})
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's: it lets the submissions at hand finish
    from grader.marking.examiner import Examiner  # brings pytest, which only grading processes need

    try:
        course = courses.load(plan.root)
        _files.update(course.files())
        _handed_out = course.handed_out
        _examiner = Examiner(course, course.modules(plan.steps, plan.tracks), plan.seed, plan.sandbox)
        atexit.register(_examiner.close)
        gc.collect()
        gc.freeze()  # the suites stay: the collector need not look at them again
    except UserError as error:
        _examiner = error  # told at the first submission: an initializer that raises only breaks the pool
    except GraderFault as fault:
        _examiner = UserError(str(fault), next_step="grader doctor says whether this machine can grade")


def _grade(hand_in: HandIn) -> Record | NotGraded:
    if isinstance(_examiner, UserError):
        raise _examiner
    assert _examiner is not None
    try:
        submission = intake.read(hand_in, _files, _handed_out)
    except UserError as error:
        return NotGraded(hand_in, str(error))
    try:
        result: Record | NotGraded = _examiner.grade(submission)
    except GraderFault as fault:
        result = NotGraded(hand_in, str(fault))
    if isinstance(result, NotGraded) or result.faults:
        _examiner.close()  # the next submission gets fresh zygotes
    return result


Watch = Callable[[list[HandIn]], None]


def run(
    plan: Plan, hand_ins: list[HandIn], jobs: int, stop: Callable[[], bool], watch: Watch = lambda at_hand: None
) -> Iterator[Record | NotGraded]:
    """Grade `hand_ins` on `jobs` processes, in the order in which they are done. The processes are started at once.

    Once `stop()` is true the submissions at hand are finished and no other is begun. A process that dies is replaced;
    each submission that was under way is then tried once more by itself, so that one of them cannot spoil the others.
    `watch` is told which are at hand whenever that has changed. UserError: the course cannot be used.
    """
    pool = Pool(plan, hand_ins[::-1], jobs, stop, watch)
    return _results(pool, plan, jobs, stop, watch)


def _results(pool: Pool, plan: Plan, jobs: int, stop: Callable[[], bool], watch: Watch) -> Iterator[Record | NotGraded]:
    yield from pool.results()
    while (pool.lost or pool.waiting) and not stop():
        waiting = pool.waiting
        for hand_in in pool.lost:
            alone = Pool(plan, [hand_in], 1, stop, watch)
            yield from alone.results()
            if alone.lost:
                yield NotGraded(hand_in, "the grading process died twice under this submission")
        pool = Pool(plan, waiting, jobs, stop, watch)
        yield from pool.results()


class Pool:
    """Grading processes that work a list of hand-ins off, from its end; `lost` is what was under way when one died."""

    def __init__(self, plan: Plan, waiting: list[HandIn], jobs: int, stop: Callable[[], bool], watch: Watch) -> None:
        self.waiting = waiting
        self.jobs = jobs
        self.watch = watch
        self.lost: list[HandIn] = []
        self.stop = stop
        self.ahead = jobs * AHEAD
        self.running: dict[Future[Record | NotGraded], HandIn] = {}
        self.others = set(multiprocessing.active_children())
        # A fork has all imports done, and is safe only while this process has a single thread.
        context = multiprocessing.get_context("fork" if threading.active_count() == 1 else "spawn")
        cores: SimpleQueue[int] = context.SimpleQueue()
        available = os.sched_getaffinity(0)
        for core in available if jobs == len(available) else ():
            cores.put(core)
        arguments = (plan, os.getpid(), cores)
        self.executor = ProcessPoolExecutor(jobs, mp_context=context, initializer=_start, initargs=arguments)
        self._hand_out()

    def _hand_out(self) -> None:
        while self.waiting and not self.stop() and len(self.running) < self.ahead:
            hand_in = self.waiting.pop()
            try:
                self.running[self.executor.submit(_grade, hand_in)] = hand_in
            except BrokenProcessPool:  # noticed again, and dealt with, where results are waited for
                self.waiting.append(hand_in)
                return
        self.watch([*self.running.values()][: self.jobs])  # they are begun in the order in which they were handed out

    def results(self) -> Iterator[Record | NotGraded]:
        """What is graded, until nothing waits or a process has died."""
        try:
            while self.running:
                done, _ = wait(self.running, return_when=FIRST_COMPLETED)
                for future in done:
                    result = future.result()
                    del self.running[future]
                    yield result
                self._hand_out()
        except BrokenProcessPool:
            self.lost += self.running.values()
        finally:
            self._end()

    def _end(self) -> None:
        """End the processes. They are killed, since one that was killed before may hold what others wait for."""
        self.executor.shutdown(wait=False, cancel_futures=True)
        for process in set(multiprocessing.active_children()) - self.others:
            process.kill()  # its zygotes go with it (PR_SET_PDEATHSIG)
