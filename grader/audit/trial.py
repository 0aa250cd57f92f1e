"""What the suites say about one mutant: the hidden one as in grading, the public one as a learner runs it.

Trusted side.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from multiprocessing import get_context
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any

from grader import course as courses
from grader.audit.mutants import Mutant
from grader.course import Course, Limits, Module
from grader.errors import UserError
from grader.jail import kernel
from grader.marking.check import GraderFault
from grader.marking.examiner import Examiner
from grader.marking.workers import CLEAN_ENVIRONMENT
from grader.model import FAULT, NOT_RUN, PASSED, ModuleResult, Submission
from grader.release.bundle import solve

SLOWER = 10  # times as long as the solution: then a mutant is taken for one that never ends
LEAST_SECONDS = 1.0  # of CPU time that a call or a public suite may take in any case
WALL = 5  # times the CPU time: for a machine that is busy
TIMED_OUT = "timed out"


@dataclass(frozen=True)
class Trial:
    """One mutant before both suites."""

    mutant: Mutant
    hidden: dict[str, str]  # the hidden checks that failed, and why
    public: tuple[str, ...]  # the public tests that failed
    slow: bool  # whether time is all that any hidden check has against it
    fault: str = ""  # a hidden test that broke on the answer in place of refusing it
    seconds: float = 0.0


@dataclass(frozen=True)
class Plan:
    """What every process that tries mutants needs."""

    root: Path
    modules: tuple[str, ...]  # keys
    seed: int
    sandbox: str


def run(plan: Plan, mutants: list[Mutant], jobs: int, begun: Callable[[], None]) -> Iterator[Trial]:
    """Try all of them, on so many processes; each trial as it is done. UserError: a suite rejects a solution.

    `begun` is called once the processes are there: before it nothing may have started a thread.
    """
    pool = ProcessPoolExecutor(jobs, get_context("fork"), initializer=_start, initargs=(plan, os.getpid()))
    waiting = {pool.submit(_try, mutant) for mutant in mutants}
    begun()
    try:
        for future in as_completed(waiting):
            yield future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


_bench: Bench | UserError | None = None  # of this process


def _start(plan: Plan, parent: int) -> None:
    global _bench
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's
    try:
        course = courses.load(plan.root)
        _bench = Bench(course, [m for m in course.modules() if m.key in plan.modules], plan.seed, plan.sandbox)
        Finalize(None, _bench.close, exitpriority=0)
    except UserError as error:
        _bench = error
    except GraderFault as fault:
        _bench = UserError(str(fault), next_step="grader doctor says whether this machine can grade")


def _try(mutant: Mutant) -> Trial:
    if not isinstance(_bench, Bench):
        assert _bench is not None
        raise _bench
    return _bench.try_(mutant)


class Bench:
    """Everything that trials need: an examiner, the public suites in a process of their own, what solutions take."""

    def __init__(self, course: Course, modules: list[Module], seed: int, sandbox: str) -> None:
        self.course = course
        self.modules = {module.key: module for module in modules}
        self.examiner = Examiner(course, modules, seed, sandbox)
        self.public = PublicSuites(course, {module.track for module in modules}, sandbox)
        self.known: dict[str, tuple[Limits, float]] = {}  # by module: limits of hidden checks, seconds of the public

    def close(self) -> None:
        self.examiner.close()
        self.public.close()

    def try_(self, mutant: Mutant) -> Trial:
        module = self.modules[mutant.module]
        if module.key not in self.known:
            self.known[module.key] = self._solution(module)
        limits, seconds = self.known[module.key]
        started = time.monotonic()
        result = self._hidden(module, mutant.source.encode(), limits)
        failed = {o.check: o for o in result.outcomes if o.status not in (PASSED, NOT_RUN)}
        public = self.public.run(module, mutant.source, seconds)
        return Trial(
            mutant=mutant,
            hidden={check: outcome.reason for check, outcome in failed.items()},
            public=tuple(public["failed"]),
            slow=bool(failed) and all(outcome.cause == TIMED_OUT for outcome in failed.values()),
            fault="; ".join(f"{check}: {o.reason}" for check, o in failed.items() if o.status == FAULT),
            seconds=round(time.monotonic() - started, 3),
        )

    def _hidden(self, module: Module, source: bytes, limits: Limits) -> ModuleResult:
        submission = Submission("mutant", {module.step: {module.file: source}})
        return self.examiner.over_reference(submission, module, limits)

    def _solution(self, module: Module) -> tuple[Limits, float]:
        """What a mutant of this module may take. UserError: the suites reject the solution itself."""
        source = self.course.solution(module).read_bytes()
        result = self._hidden(module, source, self.course.limits)
        public = self.public.run(module, source.decode(), self.course.limits.submission_cpu_seconds)
        wrong = [f"{outcome.check}: {outcome.reason}" for outcome in result.outcomes if outcome.status != PASSED]
        wrong += [f"public {name}" for name in public["failed"]]
        if wrong or not public["run"]:
            raise UserError(
                f"the suites reject the solution of {module.key}: {'; '.join(wrong) or 'no public test was run'}",
                where=str(self.course.solution(module)),
                next_step="grader check says more",
            )
        longest = max(LEAST_SECONDS, SLOWER * max(outcome.seconds for outcome in result.outcomes))
        limits = replace(self.course.limits, call_cpu_seconds=longest, call_wall_seconds=WALL * longest)
        return limits, max(LEAST_SECONDS, SLOWER * public["cpu"])


class PublicSuites:
    """A copy of what learners get, with the solutions in place of the stubs, and the process that runs its tests."""

    def __init__(self, course: Course, tracks: set[str], sandbox: str) -> None:
        self.course = course
        self.folder = tempfile.TemporaryDirectory(prefix="grader-audit-")
        Path(self.folder.name).chmod(0o755)  # what runs the tests is another user, who may read it
        self.root = Path(self.folder.name, "course")
        solve(course, self.root)
        scratch = Path(self.folder.name, "scratch")
        scratch.mkdir(mode=0o700)
        self.process = subprocess.Popen(
            [sys.executable, "-s", "-P", "-m", "grader.audit.public"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=CLEAN_ENVIRONMENT,
            cwd="/",
            text=True,
        )
        self._say(
            {
                "course": str(self.root),
                "scratch": str(scratch),
                "jail": sandbox != "none",
                "torch": "torch" in tracks,
                "memory": course.limits.memory_mib << 20,
            }
        )
        self.ready = False

    def _file(self, module: Module) -> Path:
        return self.root / "exercises" / module.step / module.file

    def run(self, module: Module, source: str, cpu: float, texts: bool = False) -> dict[str, Any]:
        """Which public tests of the module fail where this is its file, and all others are the solutions'.

        texts: also what learners read of each.
        """
        if not self.ready:
            self.ready = self._hear() == "ready"
            for one in self.course.modules():  # what is compiled of tests may stay, of modules it would hide a mutant
                for compiled in self._file(one).parent.glob(f"__pycache__/{one.name}.*"):
                    compiled.unlink()
        file = self._file(module)
        before = file.read_text("utf-8")
        file.write_text(source, "utf-8", newline="\n")
        try:
            whole = int(cpu) + 1  # the kernel counts whole seconds
            tests = f"exercises/{module.step}/test_{module.file}"
            self._say({"file": tests, "cpu": whole, "wall": WALL * whole, "texts": texts})
            found: dict[str, Any] = json.loads(self._hear())
        finally:
            file.write_text(before, "utf-8", newline="\n")
        if found["problem"]:
            raise GraderFault(f"public tests could not be confined: {found['problem']}")
        return found

    def _say(self, what: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(what) + "\n")
        self.process.stdin.flush()

    def _hear(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline().strip()
        if not line:
            raise GraderFault("the process that runs public tests has ended")
        return line

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()
        self.folder.cleanup()
