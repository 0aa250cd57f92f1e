"""Grading on the workers of a Dask cluster. Trusted side: the client's end; `room` is the workers'.

Dask brings the connections, moves data and results, and knows which workers there are and when one is lost. Each
submission is sent to one worker that is known to be fit, and to no other unless that one is lost: Dask by itself would
try a submission that takes its worker down on the next ones too, together with whatever is under way there.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import itertools
import logging
import pickle
import queue
import tarfile
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

import dask
from distributed import Client, Future, KilledWorker, wait
from distributed.versions import VersionMismatchWarning

from grader import course as courses
from grader import intake
from grader.course import Course
from grader.engine import NotGraded, Plan, Watcher, room
from grader.errors import UserError
from grader.model import HandIn, Record

AHEAD = 2  # submissions per desk that are handed out before the first comes back
STRIKES = 2  # workers lost under a submission before it is left alone
STARTS = 3  # times that a worker may be lost while it is prepared
SCHEMES = ("tcp", "tls", "ws", "wss")
ENCRYPTED = ("tls", "wss")
CONNECT_SECONDS = 20  # for a scheduler to answer
PATIENCE_SECONDS = 180  # for one that has answered before to do so again
GATHER_SECONDS = 10  # for a finished record to arrive, before it is asked for again
CLOSE_SECONDS = 5  # for workers to give back what they have, at the end
TICK_SECONDS = 1.0  # between two looks at whether to stop
TO_DO = "start its scheduler and workers, or see to the network; then run the same command again: it goes on from here"


class Lost(Exception):
    """The connection to the scheduler."""


@dataclass(frozen=True)
class Call:
    """`pickle.loads(pickle.dumps(Call(f, x)))` is f(x).

    So a task is a function that every Python has, and bytes: Dask's own processes, which read a task before it is run,
    need not have this package, and a worker that lacks it says so in its answer, where else it would fall over.
    """

    function: Callable[..., object]
    arguments: tuple[object, ...]

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return self.function, self.arguments


def run(
    plan: Plan, hand_ins: list[HandIn], address: str, stop: Callable[[], bool], watcher: Watcher
) -> Iterator[Record | NotGraded]:
    """As `engine.run` says. A scheduler that is lost is waited for; its workers are then prepared anew."""
    for name in logging.root.manager.loggerDict:
        if name.startswith(("distributed", "asyncio")):  # asyncio: of Dask's own tasks
            logging.getLogger(name).setLevel(logging.CRITICAL)  # what matters is said by us
    warnings.simplefilter("ignore", VersionMismatchWarning)  # workers with other versions are refused, by our own rule
    _require_address(address)
    course = courses.load(plan.root)
    work = Work(course, parcel(course, plan), hand_ins[::-1], stop, watcher)
    patience = CONNECT_SECONDS
    while (client := _connected(address, patience, stop)) is not None:
        sitting = Sitting(work, client)
        try:
            yield from sitting.results()
            return
        except (Lost, OSError):  # OSError: so Dask calls a connection that closes while something is sent
            sitting.abandon()
            watcher.note(f"the scheduler at {address} is lost; waiting {PATIENCE_SECONDS} s for it")
        finally:
            sitting.close()
        patience = PATIENCE_SECONDS


def _require_address(address: str) -> None:
    """UserError: it is not one, or cannot be used.

    Dask's client finds that out as well, but leaves a half-made one behind, which complains at the end.
    """
    try:
        parts = urlsplit(address)
        fit = parts.scheme in SCHEMES and parts.hostname and parts.port
    except ValueError:
        fit = False
    if not fit:
        raise UserError(
            f"--scheduler {address} is no address of a Dask scheduler",
            next_step="give it as the scheduler prints it, say tcp://host:8786",
        )
    if parts.scheme in ENCRYPTED and not dask.config.get("distributed.comm.tls.client.cert"):
        raise UserError(
            f"--scheduler {address} needs a certificate, and Dask's configuration has none for clients",
            next_step="set distributed.comm.tls.ca-file, .client.cert and .client.key in it, as for that scheduler",
        )


def _connected(address: str, patience: float, stop: Callable[[], bool]) -> Client | None:
    """UserError: nobody answers there in so many seconds. None: there was a wish to stop."""
    deadline = time.monotonic() + patience
    while not stop():
        left = deadline - time.monotonic()
        try:
            return Client(address, timeout=max(1, min(left, CONNECT_SECONDS)), set_as_default=False)
        except OSError:  # TimeoutError among them
            if left <= 0:
                raise UserError(f"no Dask scheduler answers at {address}", next_step=TO_DO) from None
            time.sleep(min(TICK_SECONDS, left))
    return None


def parcel(course: Course, plan: Plan) -> room.Parcel:
    """What workers need of the course, and what to do with it."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for file in course.needed_for_grading():
            content = file.read_bytes()
            entry = tarfile.TarInfo(file.relative_to(course.root).as_posix())
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    about = replace(plan, root=Path())
    digest = hashlib.sha256(repr(about).encode() + packed.getvalue()).hexdigest()
    return room.Parcel(digest, packed.getvalue(), about, room.versions())


@dataclass
class Work:
    """What is still to be done, whatever happens to connections."""

    course: Course
    parcel: room.Parcel
    waiting: list[HandIn]  # from the end
    stop: Callable[[], bool]
    watcher: Watcher
    suspects: list[HandIn] = field(default_factory=list)  # a worker was lost under them: each is tried by itself
    strikes: Counter[str] = field(default_factory=Counter)  # by label
    number: Iterator[int] = field(default_factory=itertools.count)  # no two tasks have the same name

    def strike(self, hand_in: HandIn, reason: str) -> Iterator[NotGraded]:
        """Its worker, or the process on it, is lost: once more by itself, and then no more."""
        self.strikes[hand_in.label] += 1
        if self.strikes[hand_in.label] < STRIKES:
            self.suspects.append(hand_in)
        else:
            yield NotGraded(hand_in, f"{reason}, as the time before: this submission is left alone")


@dataclass
class Sent:
    """A submission that is under way."""

    hand_in: HandIn
    digest: str


@dataclass
class Place:
    """A worker that is fit."""

    desks: int
    under_way: dict[Future[object], Sent] = field(default_factory=dict)
    alone: bool = False  # it has a suspect, and gets nothing else


@dataclass
class Gone:
    """The scheduler has lost this worker, or has sent it away (`expected`)."""

    address: str
    expected: bool


@dataclass
class New:
    """The scheduler has a worker more."""


class Sitting:
    """One connection to the scheduler, from the first worker that is prepared to the end of the work."""

    def __init__(self, work: Work, client: Client) -> None:
        self.work = work
        self.client = client
        self.inbox: queue.SimpleQueue[Future[object] | None] = queue.SimpleQueue()  # None: see the news
        self.news: queue.SimpleQueue[Gone | New] = queue.SimpleQueue()
        self.places: dict[str, Place] = {}
        self.preparing: dict[Future[object], str] = {}
        self.refused: dict[str, str] = {}  # why, by address
        self.stumbled: Counter[str] = Counter()  # by name, which a worker keeps when it is started anew
        self.files = work.course.files()
        self.names: dict[str, str] = {}

    def results(self) -> Iterator[Record | NotGraded]:
        """Until nothing is left to do, or to wait for. Lost: the connection is. UserError: no worker is fit."""
        self.client.subscribe_topic("all", self._event)
        self._look_round()
        any_fit = told = False
        while True:
            while not self.news.empty():  # before anything is asked of a worker that may be gone
                yield from self._hear(self.news.get())
            if not self.work.stop():
                yield from self._hand_out()
            under_way = any(place.under_way for place in self.places.values())
            if not under_way and (self.work.stop() or not (self.work.waiting or self.work.suspects)):
                return
            any_fit |= bool(self.places)
            if not self.places and not self.preparing:
                if self.refused and not any_fit:
                    reasons = "; ".join(f"{self.names[address]}: {why}" for address, why in self.refused.items())
                    raise UserError(
                        f"no worker of the cluster can grade: {reasons}",
                        next_step="mend that, or grade on this machine, without --scheduler",
                    )
                if not told:
                    self.work.watcher.note("the cluster has no worker that can grade at the moment; waiting for one")
                told = True
            try:
                future = self.inbox.get(timeout=TICK_SECONDS)
            except queue.Empty:
                if self.client.status != "running":
                    raise Lost from None
                if not self.places:
                    self._look_round()
                continue
            if future in self.preparing:
                self._prepared(future)
            elif future is not None:
                yield from self._done(future)

    def _event(self, event: tuple[float, dict[str, object]]) -> None:
        """In Dask's thread: what the scheduler tells of its workers."""
        _, said = event
        if said.get("action") == "add-worker":
            self.news.put(New())
            self.inbox.put(None)
        elif said.get("action") == "remove-worker":
            self.news.put(Gone(str(said["worker"]), bool(said["expected"])))
            self.inbox.put(None)

    def _hear(self, news: Gone | New) -> Iterator[NotGraded]:
        if isinstance(news, Gone):
            yield from self._gone(news)
        else:
            self._look_round()

    # workers

    def _look_round(self) -> None:
        """Have all workers prepared that are not yet known."""
        for address, info in self.client.scheduler_info(n_workers=-1)["workers"].items():
            self.names[address] = f"{info['name']} ({address})"
            if self.stumbled[info["name"]] >= STARTS:
                self._refuse(address, "it is lost each time it is prepared; its log should say why")
            elif address not in {*self.places, *self.preparing.values(), *self.refused}:
                name = f"grader-prepare-{self.work.parcel.digest[:8]}-{next(self.work.number)}"
                self.preparing[self._submit(name, address, room.prepare, self.work.parcel)] = address

    def _submit(self, name: str, address: str, function: Callable[..., object], *arguments: object) -> Future[object]:
        call = pickle.dumps(Call(function, arguments))
        future = self.client.submit(
            pickle.loads, call, key=name, workers=[address], allow_other_workers=False, pure=False
        )
        future.add_done_callback(self.inbox.put)
        return future

    def _prepared(self, future: Future[object]) -> None:
        address = self.preparing.pop(future)
        try:
            answer = future.result(timeout=GATHER_SECONDS)
        except TimeoutError:
            self.preparing[future] = address
            self.inbox.put(future)
            return
        except CancelledError:
            raise Lost from None
        except Exception as error:  # whatever kept that worker from running our code at all
            answer = room.Unfit(f"it cannot run the grader: {type(error).__name__}: {error}")
        if isinstance(answer, room.Fit):
            self.places[address] = Place(answer.desks)
            return
        why = answer.reason if isinstance(answer, room.Unfit) else "it does not answer as a grader does"
        self._refuse(address, why)

    def _refuse(self, address: str, why: str) -> None:
        if address not in self.refused:
            self.refused[address] = why
            self.work.watcher.note(f"worker {self.names[address]} is not used: {why}")

    def _gone(self, message: Gone) -> Iterator[NotGraded]:
        for future in [one for one, address in self.preparing.items() if address == message.address]:
            del self.preparing[future]
            future.cancel()
            self.stumbled[self.names[message.address].rpartition(" (")[0]] += not message.expected
        self.refused.pop(message.address, None)
        place = self.places.pop(message.address, Place(0))
        for future, sent in place.under_way.items():
            future.cancel()
            if message.expected:
                self.work.waiting.append(sent.hand_in)
            else:
                yield from self.work.strike(sent.hand_in, "the worker was lost under this submission")
        if not message.expected and place.desks:
            name = self.names[message.address]
            self.work.watcher.note(f"worker {name} is lost; what was under way there is tried once more")

    # submissions

    def _hand_out(self) -> Iterator[NotGraded]:
        """Give each fit worker what it can take: a suspect by itself, or others."""
        places = sorted(self.places.items(), key=lambda pair: len(pair[1].under_way))
        for address, place in places:
            if self.work.suspects and not place.under_way:
                place.alone = True
                yield from self._send(self.work.suspects.pop(), address)
        open_to_all = [pair for pair in places if not pair[1].alone]
        open_to_all = open_to_all[len(self.work.suspects) :]  # some are left to get empty
        while self.work.waiting:
            free = [pair for pair in open_to_all if len(pair[1].under_way) < pair[1].desks * AHEAD]
            if not free:
                break
            address, _ = min(free, key=lambda pair: len(pair[1].under_way) / pair[1].desks)
            yield from self._send(self.work.waiting.pop(), address)
        at_hand = [
            sent.hand_in.label
            for place in self.places.values()
            for sent in itertools.islice(place.under_way.values(), place.desks)
        ]
        self.work.watcher.busy(at_hand)

    def _send(self, hand_in: HandIn, address: str) -> Iterator[NotGraded]:
        try:
            submission = intake.read(hand_in, self.files, self.work.course.handed_out)
        except UserError as error:
            yield NotGraded(hand_in, str(error))
            return
        digest = submission.digest()
        name = f"grader-{digest}-{next(self.work.number)}"  # no learner's name: everybody on the cluster can read it
        try:
            future = self._submit(name, address, room.grade, self.work.parcel.digest, submission)
        except OSError:
            self.work.waiting.append(hand_in)
            raise
        self.places[address].under_way[future] = Sent(hand_in, digest)

    def _done(self, future: Future[object]) -> Iterator[Record | NotGraded]:
        place = next((place for place in self.places.values() if future in place.under_way), None)
        if place is None:  # of a worker that is lost: tried again already
            return
        sent = place.under_way[future]
        try:
            answer = future.result(timeout=GATHER_SECONDS)
        except TimeoutError:  # on its way, or lost with its worker, of which we shall hear
            self.inbox.put(future)
            return
        except CancelledError:
            raise Lost from None
        except KilledWorker:
            answer = room.Trouble("its worker died", died=True)
        except Exception as error:
            answer = room.Trouble(f"the worker failed: {type(error).__name__}: {error}", died=True)
        del place.under_way[future]
        place.alone = False
        if isinstance(answer, Record) and self._is_about(answer, sent):
            yield answer
        elif isinstance(answer, room.Trouble) and not answer.died:
            yield NotGraded(sent.hand_in, answer.reason)
        else:
            why = answer.reason if isinstance(answer, room.Trouble) else "the worker has graded something else"
            yield from self.work.strike(sent.hand_in, why)

    def _is_about(self, record: Record, sent: Sent) -> bool:
        """Whether what has come back is about what was sent."""
        same = (record.learner, record.attempt) == (sent.hand_in.learner, sent.hand_in.attempt)
        return same and record.hashes.get("submission") == sent.digest

    # the end

    def abandon(self) -> None:
        """What was under way is to be done again: nobody knows how far it got."""
        for place in self.places.values():
            self.work.waiting += [sent.hand_in for sent in place.under_way.values()]
        self.places = {}

    def close(self) -> None:
        if self.client.status == "running":
            closing = [
                self._submit(f"grader-close-{next(self.work.number)}", address, room.close, self.work.parcel.digest)
                for address in self.places
            ]
            with self.client.as_current(), contextlib.suppress(TimeoutError, CancelledError, OSError):
                wait(closing, timeout=CLOSE_SECONDS)  # rooms that stay open are closed by a later run there
        with contextlib.suppress(OSError, RuntimeError):  # it closes, and may raise what its connecting anew came to
            self.client.close(timeout=CLOSE_SECONDS)
