"""Grading on processes of this machine, each with its own zygotes and suites. Trusted side."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.queues import SimpleQueue

from grader.engine import NotGraded, Plan, Watcher, desk
from grader.model import HandIn, Record

AHEAD = 2  # submissions per process that are handed out before the first comes back
END_SECONDS = 10  # for the pool's own thread, once its processes are gone


def _start(plan: Plan, parent: int, cores: SimpleQueue[int]) -> None:
    """In a new process."""
    if not cores.empty():  # a question goes back and forth between two processes: on one core its data stay warm
        os.sched_setaffinity(0, {cores.get()})
    desk.start(plan, parent)


def run(
    plan: Plan, hand_ins: list[HandIn], jobs: int, stop: Callable[[], bool], watcher: Watcher
) -> Iterator[Record | NotGraded]:
    """As `engine.run` says. The processes are started at once."""
    pool = Pool(plan, hand_ins[::-1], jobs, stop, watcher)
    return _results(pool, plan, jobs, stop, watcher)


def _results(
    pool: Pool, plan: Plan, jobs: int, stop: Callable[[], bool], watcher: Watcher
) -> Iterator[Record | NotGraded]:
    yield from pool.results()
    while (pool.lost or pool.waiting) and not stop():
        waiting = pool.waiting
        for hand_in in pool.lost:
            alone = Pool(plan, [hand_in], 1, stop, watcher)
            yield from alone.results()
            if alone.lost:
                yield NotGraded(hand_in, "the grading process died twice under this submission")
        pool = Pool(plan, waiting, jobs, stop, watcher)
        yield from pool.results()


class Pool:
    """Grading processes that work a list of hand-ins off, from its end; `lost` is what was under way when one died."""

    def __init__(
        self, plan: Plan, waiting: list[HandIn], jobs: int, stop: Callable[[], bool], watcher: Watcher
    ) -> None:
        self.waiting = waiting
        self.jobs = jobs
        self.watcher = watcher
        self.lost: list[HandIn] = []
        self.stop = stop
        self.ahead = jobs * AHEAD
        self.running: dict[Future[Record | NotGraded], HandIn] = {}
        self.others = set(multiprocessing.active_children())
        self.threads = set(threading.enumerate())
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
                self.running[self.executor.submit(desk.read_and_grade, hand_in)] = hand_in
            except BrokenProcessPool:  # noticed again, and dealt with, where results are waited for
                self.waiting.append(hand_in)
                return
        at_hand = [*self.running.values()][: self.jobs]  # they are begun in the order in which they were handed out
        self.watcher.busy([hand_in.label for hand_in in at_hand])

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
        """End the processes. If not all is done they are killed: one that was killed may hold what others wait for."""
        self.executor.shutdown(wait=not self.running, cancel_futures=True)
        for process in set(multiprocessing.active_children()) - self.others:
            process.kill()  # its zygotes go with it (PR_SET_PDEATHSIG)
        for thread in set(threading.enumerate()) - self.threads:
            if not thread.daemon:  # the pool's: where it and the interpreter end at once, Python 3.11 shows a traceback
                thread.join(END_SECONDS)
