"""What a worker of a Dask cluster does: it keeps a room with one desk a thread, warm for one course, seed and jail.

Trusted side. A desk is a process of its own, so that one that dies takes no more with it than its submission.
"""

from __future__ import annotations

import io
import multiprocessing
import os
import platform
import queue
import tarfile
import tempfile
import time
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path

from distributed import get_worker

from grader import __version__
from grader.engine import Plan, desk
from grader.errors import UserError
from grader.marking.workers import missing_features
from grader.model import Record, Submission

IDLE_SECONDS = 1800  # after which a room that nobody has closed is taken for one whose client is gone


@dataclass(frozen=True)
class Parcel:
    """The course as data, and what to do with it."""

    digest: str  # of all of it: rooms are known by it
    course: bytes  # a tar
    plan: Plan  # its root is where the client has the course
    versions: dict[str, str]  # of what a verdict could depend on, at the client


@dataclass(frozen=True)
class Fit:
    """This worker can grade so many submissions at a time."""

    desks: int


@dataclass(frozen=True)
class Unfit:
    """This worker must not be given submissions."""

    reason: str


@dataclass(frozen=True)
class Trouble:
    """A submission that this worker has not graded."""

    reason: str
    died: bool = False  # the process that graded it did; else the fault is known, and trying again is for another day


def versions() -> dict[str, str]:
    """Python and the packages on which a verdict could depend."""
    torch = metadata.version("torch").partition("+")[0]  # the same release for another machine has another suffix
    python = ".".join(platform.python_version_tuple()[:2])
    return {"grader": __version__, "Python": python, "torch": torch, "pytest": metadata.version("pytest")}


class Room:
    """The course unpacked, and desks for it."""

    def __init__(self, parcel: Parcel, desks: int, folder: str) -> None:
        # rights 0700; in the worker's own folder, which Dask clears away where the worker cannot
        self.folder = tempfile.TemporaryDirectory(prefix="grader-", dir=folder, ignore_cleanup_errors=True)
        with tarfile.open(fileobj=io.BytesIO(parcel.course)) as tar:
            tar.extractall(self.folder.name, filter="data")
        self.plan = replace(parcel.plan, root=Path(self.folder.name))
        self.used = time.monotonic()
        multiprocessing.current_process().daemon = False  # Dask's workers are daemons, which must not have children
        self.every: list[ProcessPoolExecutor] = []
        self.free: queue.SimpleQueue[ProcessPoolExecutor] = queue.SimpleQueue()
        try:
            for one in [self._desk() for _ in range(desks)]:
                one.result()
        except BaseException:
            self.close()
            raise

    def _desk(self) -> Future[None]:
        """One more, which is free when it is ready, or has failed: then with the reason, as every use of it will."""
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(1, mp_context=context, initializer=desk.start, initargs=(self.plan, os.getpid()))
        self.every.append(pool)
        ready = pool.submit(desk.ready)
        ready.add_done_callback(lambda _: self.free.put(pool))
        return ready

    def grade(self, submission: Submission) -> Record | Trouble:
        self.used = time.monotonic()
        pool = self.free.get()
        try:
            found = pool.submit(desk.grade, submission).result()
        except BrokenProcessPool:
            self.every.remove(pool)
            self._desk()
            return Trouble("the grading process died", died=True)
        except BaseException:
            self.free.put(pool)
            raise
        self.free.put(pool)
        return Trouble(found) if isinstance(found, str) else found

    def close(self) -> None:
        for pool in self.every:
            pool.shutdown(wait=False, cancel_futures=True)
        self.folder.cleanup()


_rooms: dict[str, Room] = {}  # of this worker, by the digest of what was prepared


def prepare(parcel: Parcel) -> Fit | Unfit:
    """Make the room ready on the worker that runs this; it can be asked again."""
    others = {name: theirs for name, theirs in versions().items() if theirs != parcel.versions[name]}
    if others:
        has = ", ".join(f"{name} {theirs} in place of {parcel.versions[name]}" for name, theirs in others.items())
        return Unfit(f"it has {has}; install there what is here")
    problems = missing_features() if parcel.plan.sandbox == "jail" else []
    if problems:
        return Unfit(f"it cannot enforce the jail: {'; '.join(problems)}")
    for digest, old in list(_rooms.items()):
        if time.monotonic() - old.used > IDLE_SECONDS:
            close(digest)
    worker = get_worker()
    if parcel.digest not in _rooms:
        try:
            _rooms[parcel.digest] = Room(parcel, worker.state.nthreads, worker.local_directory)
        except (UserError, BrokenProcessPool, OSError) as error:
            return Unfit(f"it cannot grade: {error}")
    return Fit(worker.state.nthreads)


def grade(digest: str, submission: Submission) -> Record | Trouble:
    """Grade one submission in the room of this digest."""
    room = _rooms.get(digest)
    return Trouble("the worker was started anew", died=True) if room is None else room.grade(submission)


def close(digest: str) -> None:
    """Give back what the room has taken."""
    room = _rooms.pop(digest, None)
    if room is not None:
        room.close()
