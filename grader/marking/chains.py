"""Who answers questions: a set of modules in a worker, within a budget, and the reference, which answers each once.

Trusted side.
"""

from __future__ import annotations

import contextlib
import time
from collections import deque
from collections.abc import Iterator
from copy import deepcopy

from grader.course import Limits
from grader.marking.answers import answers, clean
from grader.marking.check import CheckFailed, CheckNotRun, GraderFault, Raised
from grader.marking.workers import Ended, Worker, Zygote
from grader.wire import Data, encode, unpack

MAX_QUESTION = 16 << 20  # bytes
MOST_POSTED = 64 << 10  # bytes of questions on their way: fits into the socket, so that sending never waits
ENGINE = "the autograd engine"  # what the torch guard calls it
FORWARD = "forward-mode differentiation"  # likewise
TIME_OUTS = 2  # of one module, before its other checks are left out
PATIENCE = 0.2  # seconds for an answer that nobody waits for any more; a fresh worker is had in a twentieth of that


class Budget:
    """The wall and CPU time that one submission has left."""

    def __init__(self, limits: Limits) -> None:
        self.wall_end = time.monotonic() + limits.submission_wall_seconds
        self.cpu = limits.submission_cpu_seconds
        self.limits = limits

    def call(self) -> tuple[float, float]:
        """Wall and CPU seconds for one call. CheckNotRun: nothing is left."""
        wall = self.wall_end - time.monotonic()
        if wall <= 0 or self.cpu <= 0:
            raise CheckNotRun("not run because the submission had used up its time")
        return min(wall, self.limits.call_wall_seconds), min(self.cpu, self.limits.call_cpu_seconds)


class ModuleChain:
    """One set of modules in a worker, which is replaced when it dies, asked about one step at a time."""

    def __init__(self, zygote: Zygote, load: dict[str, Data], budget: Budget, quotable: frozenset[str] | None) -> None:
        self.zygote = zygote
        self.load = load
        self.budget = budget
        self.quotable = quotable  # see answers.answers
        self.worker: Worker | None = None
        self.posted: deque[tuple[bytes, bytes]] = deque()  # questions on their way, with the numbers of their answers
        self.step = ""
        self.what_is_forbidden: dict[str, str] = {}
        self.time_outs: dict[str, int] = {}

    def post(self, script: list[tuple[str, list[list[Data]]]]) -> None:
        """Send the questions that the checks are going to ask, so that the worker need not wait between them."""
        size = 0
        try:
            for probe, cases in script:
                question = encode([probe, cases], limit=MAX_QUESTION)
                size += len(question)
                if size > MOST_POSTED:
                    return
                wall, _ = self.budget.call()
                self.posted.append((question, self._running().post(self.step, probe, cases, wall)))
        except CheckNotRun:
            return  # the checks will say so
        except Ended:
            self.close()  # the checks will ask again, one by one

    def ask(self, probe: str, cases: list[list[Data]]) -> list[Data] | Raised:
        """The answers of the learner's code to one probe. CheckFailed, CheckNotRun: there are none."""
        if self.time_outs.get(self.step, 0) >= TIME_OUTS:
            raise CheckNotRun("not run because it timed out twice")
        if self.posted:
            self._pass_over(encode([probe, cases], limit=MAX_QUESTION))
        wall, cpu = self.budget.call()
        worker = self._running()
        try:
            with self._charged(worker):
                nonce = self.posted.popleft()[1] if self.posted else worker.post(self.step, probe, cases, wall)
                envelope = worker.collect(nonce, wall, cpu)
        except Ended as ended:
            self.close()
            if ended.cause == "timed out":
                self.time_outs[self.step] = self.time_outs.get(self.step, 0) + 1
            raise CheckFailed(self._sentence(ended), cause=ended.cause) from None
        self._refuse_forbidden(envelope["used"])
        return answers(envelope["answer"], len(cases), self.quotable)

    def _pass_over(self, question: bytes) -> None:
        """Drop the answers that a failed check has left behind, so that this question's is next.

        Where it is not to come, or one before it takes long, the worker is ended: this question gets a fresh one.
        """
        if all(posted != question for posted, _ in self.posted):
            self.close()
            return
        worker = self._running()
        try:
            with self._charged(worker):
                while self.posted and self.posted[0][0] != question:
                    worker.collect(self.posted.popleft()[1], PATIENCE, PATIENCE)
        except Ended:
            self.close()

    @contextlib.contextmanager
    def _charged(self, worker: Worker) -> Iterator[None]:
        """The CPU time that the worker uses inside is taken from the budget."""
        before = worker.spent
        try:
            yield
        finally:
            self.budget.cpu -= worker.spent - before

    def _running(self) -> Worker:
        if self.worker is None:
            self.worker = Worker(self.zygote, self.load, self.budget.limits)
        return self.worker

    def _sentence(self, ended: Ended) -> str:
        limits = self.budget.limits
        if ended.cause == "timed out":
            return (
                f"took longer than {limits.call_cpu_seconds:g} s of CPU time ({limits.call_wall_seconds:g} s in all): "
                "an endless loop, or far more work than needed"
            )
        if self.quotable is not None:
            return "the code ended its process, or answered in the place of the grader's worker"
        return ended.reason

    def _refuse_forbidden(self, used: Data) -> None:
        if type(used) is list and used and type(used[0]) is str:
            name = clean(used[0])
            what = self.what_is_forbidden.get(name.split("::")[-1], "what is forbidden here")
            raise CheckFailed(f"uses {what}: writing that yourself is the exercise", cause="forbidden")

    def close(self) -> None:
        """End the worker; the next question gets a fresh one."""
        self.posted.clear()
        if self.worker is not None:
            self.worker.close()
            self.worker = None


class ReferenceSource:
    """The reference's answers, each asked for once: all learners of a run get the same inputs."""

    def __init__(self, chain: ModuleChain) -> None:
        self.chain = chain
        self.answers: dict[bytes, tuple[list[Data] | Raised, bytes]] = {}

    def ask(self, probe: str, cases: list[list[Data]]) -> list[Data] | Raised:
        question = encode([self.chain.step, probe, cases], limit=MAX_QUESTION)
        if question not in self.answers:
            self.chain.budget = Budget(self.chain.budget.limits)
            try:
                got = self.chain.ask(probe, cases)
            except (CheckFailed, CheckNotRun) as error:
                raise GraderFault(f"the reference gave no answer to probe {probe}: {error}") from None
            self.answers[question] = (got, b"" if isinstance(got, Raised) else encode(got))
        got, packed = self.answers[question]
        return got if isinstance(got, Raised) else list(unpack(packed))  # a fresh copy: checks may change it


class Recorder:
    """Answers as the reference does, and notes what was asked."""

    def __init__(self, reference: ReferenceSource) -> None:
        self.reference = reference
        self.asked: list[tuple[str, list[list[Data]]]] = []

    def ask(self, probe: str, cases: list[list[Data]]) -> list[Data] | Raised:
        self.asked.append((probe, deepcopy(cases)))  # a check may go on to change what it has asked
        return self.reference.ask(probe, cases)
