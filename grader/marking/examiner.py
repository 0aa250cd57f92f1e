"""Grades one submission after another: which modules a check runs over, and what comes of it.

Trusted side.
"""

from __future__ import annotations

import ast
import contextlib
import marshal
import random
import time
from collections.abc import Iterable, Sequence
from itertools import zip_longest
from types import TracebackType
from typing import Self

from grader import __version__
from grader.course import Course, Limits, Module
from grader.jail.kernel import landlock_abi
from grader.marking.chains import ENGINE, FORWARD, Budget, ModuleChain, Recorder, ReferenceSource
from grader.marking.check import Check, Source
from grader.marking.memorised import Memorised
from grader.marking.suites import Suites, Verdict
from grader.marking.workers import Zygote
from grader.model import (
    FAILED,
    FAULT,
    NOT_RUN,
    OWN,
    PASSED,
    REFERENCE,
    Chain,
    ModuleResult,
    Outcome,
    Record,
    Submission,
)
from grader.wire import Data


def _blames(earlier: Module) -> tuple[str, ...]:
    """What a reason says when it is about this earlier module: not written, raised in it, absent, or lacking a name."""
    name = earlier.name
    return f"{earlier.step}: ", f" in {earlier.step}/", f"No module named '{name}'", f"{name}.py does not define "


def defined_names(module: str, source: bytes) -> frozenset[str]:
    """The module's name and what its source defines at the top: a learner may be told which of them is missing."""
    body = ast.parse(source).body
    functions = [node.name for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    targets = [target for node in body if isinstance(node, ast.Assign) for target in node.targets]
    return frozenset((module, *functions, *(target.id for target in targets if isinstance(target, ast.Name))))


class Examiner:
    """Everything that grading needs and that outlives a submission: zygotes, suites, the reference's answers."""

    def __init__(self, course: Course, modules: list[Module], seed: int, sandbox: str) -> None:
        self.course = course
        self.modules = modules
        self.seed = seed
        self.sandbox = sandbox
        self.hashes = course.digests()
        self.zygotes: dict[str, Zygote] = {}
        for track in dict.fromkeys(module.track for module in modules):
            self._zygote(track)  # gets warm while the suites are collected
        self.suites = Suites(course, modules)
        self.references: dict[str, ReferenceSource] = {}
        self.scripts: dict[str, list[tuple[str, list[list[Data]]]]] = {}  # by module
        self.solutions: dict[str, list[Data]] = {
            m.key: [f"solutions/{m.step}/{m.file}", course.solution(m).read_bytes()] for m in course.modules()
        }
        self.compiled: dict[str, bytes] = {}
        for key, (file, source) in self.solutions.items():
            with contextlib.suppress(SyntaxError):  # the reference's worker says so
                self.compiled[key] = marshal.dumps(compile(source, file, "exec", dont_inherit=True))
        self.memorised = Memorised(course, modules)
        self.quotable = {m.key: defined_names(m.name, self.solutions[m.key][1]) for m in modules}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        for source in self.references.values():
            source.chain.close()
        for zygote in self.zygotes.values():
            zygote.close()
        self.references, self.zygotes = {}, {}

    def grade(self, submission: Submission) -> Record:
        """All outcomes of one submission."""
        started = time.monotonic()
        budget = Budget(self.course.limits)
        own: dict[str, ModuleChain] = {}
        found: dict[str, ModuleResult] = {}
        cold = [track for track, zygote in self.zygotes.items() if not zygote.warm]
        order = sorted(self.modules, key=lambda module: module.track in cold)  # nobody waits while torch is imported
        try:
            for module, following in zip_longest(order, order[1:]):
                found[module.key] = self._module(submission, module, following, budget, own)
        finally:
            for chain in own.values():
                chain.close()
        results = tuple(found[module.key] for module in self.modules)
        return Record(
            learner=submission.learner,
            modules=results,
            seed=self.seed,
            hashes={"submission": submission.digest(), **self.hashes},
            sandbox=self.level(),
            notes=submission.notes,
            seconds=round(time.monotonic() - started, 3),
            grader=__version__,
            attempt=submission.attempt,
            flags=self.memorised.flags(submission, results),
        )

    def over_reference(
        self, submission: Submission, module: Module, limits: Limits, checks: Sequence[str] = ()
    ) -> ModuleResult:
        """The outcomes of one module (of these checks, or of all) over the reference's earlier steps, within limits."""
        load = self._mixed_sources(submission, module)
        chain = self._chain(module.track, load, Budget(limits), self.quotable[module.key])
        self._aim(chain, module)
        if not checks:
            chain.post(self._script(module))
        try:
            outcomes = tuple(self._check(module, name, [(REFERENCE, chain)], []) for name in checks or module.checks)
            return ModuleResult(module.step, module.track, outcomes)
        finally:
            self.suites.finish()
            chain.close()

    def level(self) -> dict[str, str]:
        """What protected this machine while learner code ran."""
        if self.sandbox == "none":
            return {"level": "none"}
        users = {str(zygote.uid) for zygote in self.zygotes.values()}
        return {
            "level": "jail",
            "parts": f"landlock (ABI {landlock_abi()}), seccomp, rlimits, no capabilities",
            "uid": ", ".join(sorted(users)),
        }

    def _module(
        self,
        submission: Submission,
        module: Module,
        following: Module | None,
        budget: Budget,
        own: dict[str, ModuleChain],
    ) -> ModuleResult:
        """The outcomes of one module. `following`: what comes after it."""
        if module.file not in submission.files.get(module.step, {}):
            reason = f"{module.step}/{module.file} is not in the submission"
            outcomes = [
                self._outcome(module, name, Verdict(FAILED, "missing", reason), None, 0.0) for name in module.checks
            ]
            return ModuleResult(module.step, module.track, tuple(outcomes))
        if module.track not in own:
            own[module.track] = self._chain(module.track, self._own_sources(submission, module.track), budget)
        chains: list[tuple[Chain, ModuleChain]] = [(OWN, own[module.track])]
        if self.course.steps[module.step].needs:
            load = self._mixed_sources(submission, module)
            chains.append((REFERENCE, self._chain(module.track, load, budget, self.quotable[module.key])))
        self._aim(own[module.track], module)
        own[module.track].post(self._script(module))
        if following is not None and self._zygote(following.track).warm:
            self._script(following)  # the first time: the reference answers this while the learner's code answers that
        try:
            lacking = [m for m in self.course.earlier(module) if m.file not in submission.files.get(m.step, {})]
            return ModuleResult(
                module.step, module.track, tuple(self._check(module, name, chains, lacking) for name in module.checks)
            )
        finally:
            self.suites.finish()
            if own[module.track].posted:
                own[module.track].close()
            for _, chain in chains[1:]:
                chain.close()

    def _script(self, module: Module) -> list[tuple[str, list[list[Data]]]]:
        """The questions of a module's checks, found by running them on the reference's answers; [] if it fails one."""
        if module.key not in self.scripts:
            recorder = Recorder(self._reference(module.track))
            passed = [
                self.suites.run(module, name, self._fresh_check(module, name, recorder)).status == PASSED
                for name in module.checks
            ]
            self.suites.finish()
            self.scripts[module.key] = recorder.asked if all(passed) else []
        return self.scripts[module.key]

    def _check(
        self, module: Module, name: str, chains: list[tuple[Chain, ModuleChain]], lacking: list[Module]
    ) -> Outcome:
        """One check, over the learner's own earlier steps, and if it fails there over the reference's.

        `lacking`: the earlier ones that were not handed in, as where each step is collected by itself.
        """
        started = time.monotonic()
        verdicts: list[Verdict] = []
        for label, chain in chains:
            self._aim(chain, module)
            verdict = self.suites.run(module, name, self._fresh_check(module, name, chain))
            if verdict.status == PASSED and verdicts:
                verdict.reason = self._lent(module, lacking, verdicts[0])
            if verdict.status in (PASSED, FAULT):
                return self._outcome(module, name, verdict, label, time.monotonic() - started)
            verdicts.append(verdict)
            if not self._may_pass_elsewhere(verdict, module):
                break
        return self._outcome(module, name, self._worst(verdicts, module), None, time.monotonic() - started)

    def _lent(self, module: Module, lacking: list[Module], own: Verdict) -> str:
        """What the reference had to lend, if it failed for want of that; "": it failed on the learner's own steps."""
        if len(lacking) == len(self.course.earlier(module)):
            return "the earlier steps were not handed in: the reference's were used"
        steps = ", ".join(m.step for m in lacking)
        wanting = any(sign in own.reason for m in lacking for sign in _blames(m))
        return f"not handed in: {steps}; the reference's earlier steps were used" if wanting else ""

    def _may_pass_elsewhere(self, verdict: Verdict, module: Module) -> bool:
        """Whether other earlier steps can change the verdict: not where this very file says that it is not written."""
        return not verdict.reason.startswith(f"{module.step}: write ")

    def _worst(self, verdicts: list[Verdict], module: Module) -> Verdict:
        """Of a check that passed on no chain: what is said about this module rather than about an earlier one."""
        first, last = verdicts[0], verdicts[-1]
        elsewhere = any(sign in first.reason for m in self.course.earlier(module) for sign in _blames(m))
        return last if first.status != FAILED or elsewhere else first

    def _fresh_check(self, module: Module, name: str, learner: Source) -> Check:
        """The same inputs for each learner and chain of a run: drawn from the run's seed and the check's name."""
        reference = self._reference(module.track)
        self._aim(reference.chain, module)
        return Check(random.Random(f"{self.seed}/{module.key}/{name}"), learner, reference)

    def _outcome(self, module: Module, name: str, verdict: Verdict, chain: Chain | None, seconds: float) -> Outcome:
        passed = verdict.status == PASSED
        return Outcome(
            check=name,
            status=verdict.status,
            sentence=self.suites.sentence(module, name),
            cause=verdict.cause,
            reason=verdict.reason,
            hint="" if passed or verdict.status in (FAULT, NOT_RUN) else module.checks[name].hint,
            chain=chain if passed else None,
            seconds=round(seconds, 4),
        )

    # what the workers are given

    def _aim(self, chain: ModuleChain, module: Module) -> None:
        chain.step = module.step
        rules = [f for f in self.course.forbidden if f.track == module.track and f.first <= module.step <= f.last]
        chain.what_is_forbidden = {name: rule.what for rule in rules for name in rule.names()}
        chain.what_is_forbidden |= dict([(FORWARD, FORWARD), *((ENGINE, rule.what) for rule in rules if rule.engine)])

    def _zygote(self, track: str) -> Zygote:
        if track not in self.zygotes:
            self.zygotes[track] = Zygote(self.course, track, self.sandbox)
        return self.zygotes[track]

    def _reference(self, track: str) -> ReferenceSource:
        if track not in self.references:
            load = self._load(track, {}, {}, self.course.modules(tracks=[track]))
            chain = self._chain(track, load, Budget(self.course.limits))
            self.references[track] = ReferenceSource(chain)
        return self.references[track]

    def _chain(
        self, track: str, load: dict[str, Data], budget: Budget, quotable: frozenset[str] | None = None
    ) -> ModuleChain:
        return ModuleChain(self._zygote(track), load, budget, quotable)

    def _own_sources(self, submission: Submission, track: str) -> dict[str, Data]:
        files = submission.files
        modules = [m for m in self.course.modules(tracks=[track]) if m.file in files.get(m.step, {})]
        sources = {m.name: [f"{m.step}/{m.file}", files[m.step][m.file]] for m in modules}
        return self._load(track, sources, self._extras(submission, list(files)))

    def _mixed_sources(self, submission: Submission, module: Module) -> dict[str, Data]:
        """The learner's module over the reference's earlier ones. No other solution is in that process."""
        source = {module.name: [f"{module.step}/{module.file}", submission.files[module.step][module.file]]}
        return self._load(module.track, source, self._extras(submission, [module.step]), self.course.earlier(module))

    def _extras(self, submission: Submission, steps: list[str]) -> dict[str, Data]:
        """A learner's other files in these steps, importable where nothing else has their name."""
        own = {m.file for m in self.course.modules()}
        return {
            name.removesuffix(".py"): [f"{step}/{name}", source]
            for step in sorted(steps, reverse=True)
            for name, source in submission.files.get(step, {}).items()
            if name not in own and not name.startswith("test_") and name != "conftest.py"
        }

    def _load(
        self, track: str, sources: dict[str, Data], extras: dict[str, Data], solutions: Iterable[Module] = ()
    ) -> dict[str, Data]:
        """A worker's first frame: a learner's modules and the reference's, which need not be compiled each time."""
        forbidden = {m.step: self.course.forbidden_in(m) for m in self.course.modules(tracks=[track])}
        limits = self.course.limits
        return {
            "modules": sources | {m.name: self.solutions[m.key] for m in solutions},
            "compiled": {m.name: self.compiled[m.key] for m in solutions if m.key in self.compiled},
            "extras": extras,
            "forbidden": forbidden,
            "output": limits.output_kib << 10,
            "answer": limits.answer_kib << 10,
            "seed": self.seed,
        }
