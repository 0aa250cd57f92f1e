"""Everything about one learner's step, for an instructor: what was asked, what was expected, what came, on both chains.

Trusted side. The checks are run again in the jail with the seed of the results, so that what is shown is what happened.
It shows hidden inputs and expected values: none of it is for learners.
"""

from __future__ import annotations

import ast
import random
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from grader.course import Course, Module
from grader.marking.chains import Budget, ModuleChain
from grader.marking.check import Check, CheckFailed, Raised, Source
from grader.marking.compare import difference
from grader.marking.examiner import Examiner
from grader.model import OWN, PASSED, REFERENCE, Chain, Grade, Outcome, Override, Record, Submission
from grader.scoring import points, worth
from grader.wire import Data

MOST_CASES = 3  # of one question that are shown
WIDTH = 110  # characters of a value
RELATIVE, ABSOLUTE = 1e-9, 1e-12  # what a check takes as equal unless it says otherwise


@dataclass(frozen=True)
class Case:
    """One list of arguments of a question, with both answers."""

    asked: Data
    expected: Data
    got: Data
    differs: str = ""  # where and by how much, with the usual tolerance; "" if it does not


@dataclass(frozen=True)
class Question:
    """One question to a probe. `problem` is why there is no answer: what was raised, a time-out, the process's end."""

    probe: str
    where: str
    cases: tuple[Case, ...]
    problem: str = ""


@dataclass(frozen=True)
class Run:
    """One run of a check over one set of earlier steps."""

    chain: Chain
    status: str
    reason: str = ""
    detail: str = ""  # the values that the report of a learner leaves out
    line: str = ""  # of the hidden test, where it ended
    questions: tuple[Question, ...] = ()


@dataclass(frozen=True)
class Finding:
    """All about one check."""

    module: str
    check: str
    sentence: str
    points: float
    hint: str
    where: str  # file and line of the hidden test
    recorded: str  # what the record says, "" without one
    runs: tuple[Run, ...] = ()
    agrees: bool = True  # with the record
    probes: dict[str, str] = field(default_factory=dict)  # source of the probes that were asked
    by_hand: str = ""  # the points that somebody gave in place of this check's, and why
    counts: tuple[str, ...] = ()  # what counts for the module, and how it came about: the same for all its checks

    @property
    def passed(self) -> bool:
        return any(run.status == PASSED for run in self.runs)


class _Witness:
    """Answers as another source does, and keeps what was asked and what came."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.seen: list[tuple[str, list[list[Data]], list[Data] | Raised | str]] = []

    def ask(self, probe: str, cases: list[list[Data]]) -> list[Data] | Raised:
        try:
            answers = self.source.ask(probe, cases)
        except Exception as error:  # CheckFailed, CheckNotRun, GraderFault: told, and then the check's own affair
            self.seen.append((probe, cases, str(error)))
            raise
        self.seen.append((probe, cases, answers if isinstance(answers, Raised) else list(answers)))
        return answers


def look(
    course: Course,
    submission: Submission,
    modules: Iterable[Module],
    check: str | None,
    seed: int,
    sandbox: str,
    record: Record | None,
) -> list[Finding]:
    """Run the checks of the modules again, or the one named, on both chains, and keep all that passes by."""
    chosen = list(modules)
    recorded = {
        (f"{result.step}/{result.track}", outcome.check): outcome
        for result in (record.modules if record is not None else ())
        for outcome in result.outcomes
    }
    found = []
    with Examiner(course, chosen, seed, sandbox) as examiner:
        for module in chosen:
            room = _Room(examiner, submission, module)
            names = [name for name in module.checks if check is None or name == check]
            found += [room.finding(name, recorded.get((module.key, name))) for name in names]
            room.close()
    return found


def decided(findings: list[Finding], grade: Grade, overrides: Iterable[Override]) -> list[Finding]:
    """The findings with what counts in the end: lateness, extensions, and what people gave in place of the verdicts."""
    given = {(one.module, one.check): f"{worth(one.points)} by hand: {one.reason}" for one in overrides}
    return [
        replace(
            one,
            by_hand=given.get((one.module, one.check), ""),
            counts=(_counts(grade, one.module), *grade.marks[one.module].remarks),
        )
        for one in findings
    ]


def _counts(grade: Grade, module: str) -> str:
    mark, number = grade.marks[module], grade.number(module)
    counted = f"{points(number)} of {worth(mark.possible)} count" if number is not None else f"no points: {grade.state}"
    return f"{counted}, from {mark.attempt}" if mark.attempt else counted


class _Room:
    """One module of one learner, with the chains over which its checks run."""

    def __init__(self, examiner: Examiner, submission: Submission, module: Module) -> None:
        self.examiner = examiner
        self.module = module
        self.chains: list[tuple[Chain, ModuleChain]] = []
        if module.file in submission.files.get(module.step, {}):
            budget = Budget(examiner.course.limits)
            own = examiner._own_sources(submission, module.track)
            self.chains.append((OWN, examiner._chain(module.track, own, budget)))
            if examiner.course.steps[module.step].needs:
                mixed = examiner._mixed_sources(submission, module)
                self.chains.append((REFERENCE, examiner._chain(module.track, mixed, budget)))

    def close(self) -> None:
        self.examiner.suites.finish()
        for _, chain in self.chains:
            chain.close()

    def finding(self, name: str, recorded: Outcome | None) -> Finding:
        spec = self.module.checks[name]
        item = self.examiner.suites.items[self.module.key][name]
        path, line, _ = item.location
        runs = tuple(self._run(label, chain, name) for label, chain in self.chains)
        asked = dict.fromkeys(question.probe for run in runs for question in run.questions)
        passed = any(run.status == PASSED for run in runs)
        return Finding(
            module=self.module.key,
            check=name,
            sentence=self.examiner.suites.sentence(self.module, name),
            points=spec.points,
            hint=spec.hint,
            where=f"{path}:{(line or 0) + 1}",
            recorded="" if recorded is None else ": ".join(filter(None, (recorded.status, recorded.reason))),
            runs=runs,
            agrees=recorded is None or passed == (recorded.status == PASSED),
            probes={probe: _source(self.examiner.course, self.module, probe)[1] for probe in asked},
        )

    def _run(self, label: Chain, chain: ModuleChain, name: str) -> Run:
        examiner, module = self.examiner, self.module
        chain.budget = Budget(examiner.course.limits)
        chain.time_outs.clear()  # each check is asked, however the others ended
        reference = examiner._reference(module.track)
        examiner._aim(chain, module)
        examiner._aim(reference.chain, module)
        learner, right = _Witness(chain), _Witness(reference)
        check = Check(random.Random(f"{examiner.seed}/{module.key}/{name}"), learner, right)
        verdict = examiner.suites.run(module, name, check)
        error = examiner.suites.plugin.error
        detail = error.detail if isinstance(error, CheckFailed) else str(error or "")
        line = _last_line(error, examiner.course.suite(module)) if error is not None else ""
        questions = tuple(self._question(probe, cases, got, right) for probe, cases, got in learner.seen)
        return Run(label, verdict.status, verdict.reason, detail, line, questions)

    def _question(
        self, probe: str, cases: list[list[Data]], got: list[Data] | Raised | str, right: _Witness
    ) -> Question:
        where, _ = _source(self.examiner.course, self.module, probe)
        try:
            want = right.source.ask(probe, cases)
        except Exception as error:
            want = Raised((type(error).__name__,), str(error), str(error))
        problem = got if isinstance(got, str) else got.reason if isinstance(got, Raised) else ""
        if isinstance(want, Raised):
            problem = f"{problem or 'answered'} (the reference raises {want.kinds[0]}: {want.text})"
        expected = [None] * len(cases) if isinstance(want, Raised) else want
        answers = [None] * len(cases) if isinstance(got, Raised | str) else got
        both = not isinstance(want, Raised) and not isinstance(got, Raised | str)
        return Question(
            probe,
            where,
            tuple(
                Case(asked, one, other, _differs(other, one) if both else "")
                for asked, one, other in zip(cases, expected, answers, strict=True)
            ),
            problem,
        )


def _differs(got: Data, want: Data) -> str:
    found = difference(got, want, RELATIVE, ABSOLUTE)
    return "" if found is None else f"{found.reason}; {found.detail}"


def _source(course: Course, module: Module, probe: str) -> tuple[str, str]:
    """Where a probe is defined, and its source; both files are the course's own."""
    for file in (course.probes(module), *course.kits()):
        text = file.read_text("utf-8")
        for node in ast.parse(text).body:
            if isinstance(node, ast.FunctionDef) and node.name == probe:
                lines = text.splitlines()[node.lineno - 1 : node.end_lineno]
                return f"{file.relative_to(course.root).as_posix()}:{node.lineno}", "\n".join(lines)
    return "", ""


def _last_line(error: BaseException, suite: Path) -> str:
    """The line of the hidden test at which it ended."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename) == suite]
    return f"line {frames[-1].lineno}: {frames[-1].line}" if frames else ""


# What is shown

CHAINS = {OWN: "the learner's own earlier steps", REFERENCE: "the reference's earlier steps"}
TITLE = "For instructors: hidden inputs and expected values are below. Do not forward."


def lines(findings: list[Finding], full: bool, again: str) -> Iterator[str]:
    """The findings as text. `again`: the command that shows one check once more, without `--check NAME`."""
    yield TITLE
    module = ""
    for one in findings:
        if one.module != module:
            module = one.module
            yield f"\n{module}{f': {spelt(one.counts[0])}' if one.counts else ''}"
            yield from (f"    {spelt(line)}" for line in one.counts[1:])
        yield from _finding(one, full, again)


def _finding(one: Finding, full: bool, again: str) -> Iterator[str]:
    verdict = "passed" if one.passed else one.runs[0].status if one.runs else "not handed in"
    yield f"\n{verdict:8} {one.check} ({worth(one.points)}), {one.where}"
    if one.by_hand:
        yield f"    COUNTS    {spelt(one.by_hand)}"
    yield f"    promise   {one.sentence}"
    if one.recorded and (full or not one.agrees or not one.passed):
        yield f"    record    {spelt(one.recorded)}"
    if not one.agrees:
        yield "    DIFFERS   the record and this run do not agree: the check, or the code, depends on chance or time"
    if one.passed and not full and all(run.status == PASSED for run in one.runs):
        return
    if not one.passed:
        yield f"    hint      {one.hint}"
    for before, run in zip([None, *one.runs], one.runs, strict=False):
        if before is not None and replace(before, chain=run.chain) == run:
            yield f"    over {CHAINS[run.chain]}: the same"
        else:
            yield from _of_run(run, full)
    if full:
        for probe, source in one.probes.items():
            yield f"    probe {probe}:"
            yield from (f"        {line}" for line in source.splitlines())
    yield f"    again     {again} --check {one.check}"


def _of_run(run: Run, full: bool) -> Iterator[str]:
    yield f"    over {CHAINS[run.chain]}: {run.status}{f': {spelt(run.reason)}' if run.reason else ''}"
    if run.detail and run.detail != run.reason:
        yield f"        {spelt(run.detail)}"
    if run.line:
        yield f"        the hidden test ended at {run.line}"
    if run.status == PASSED and not full:
        return
    for question in run.questions if full else run.questions[-1:]:
        yield f"        asked {question.probe} ({question.where}), {len(question.cases)} in one question"
        if question.problem:
            yield f"            {spelt(question.problem)}"
        yield from _cases(question, full)


def _cases(question: Question, full: bool) -> Iterator[str]:
    numbered = list(enumerate(question.cases, 1))
    differing = [(number, case) for number, case in numbered if case.differs]
    chosen = numbered if full else (differing or numbered)[:MOST_CASES]
    for number, case in chosen:
        yield f"          {number}. asked     {brief(case.asked, full)}"
        yield f"             expected  {brief(case.expected, full)}"
        yield f"             got       {'nothing' if question.problem else brief(case.got, full)}"
        if case.differs:
            yield f"             {spelt(case.differs)}"
    if len(chosen) < len(numbered):
        rest = "all that differ are shown" if len(chosen) >= len(differing) else "--full shows all"
        yield f"          and {len(numbered) - len(chosen)} more; {rest}"


def brief(value: Data, full: bool) -> str:
    """A value, its shape first where it has one, cut to a line unless all of it is wanted."""
    text = spelt(repr(value))
    size = shape(value)
    head = f"{' x '.join(map(str, size))}: " if len(size) > 1 or (size and size[0] > 4) else ""
    return head + (text if full or len(text) <= WIDTH else f"{text[:WIDTH]}...")


def shape(value: Data) -> list[int]:
    """The sizes of nested lists, as deep as all of a level are of one size."""
    if not isinstance(value, list):
        return []
    inner = [shape(part) for part in value]
    same = inner and all(part == inner[0] for part in inner)
    return [len(value), *(inner[0] if same else [])]


def spelt(text: str) -> str:
    """Text on one line, with what does not print spelt out: a learner may have written it."""
    return "".join(c if c.isprintable() else "\\n" if c == "\n" else f"\\u{ord(c):04x}" for c in text)


def data(findings: list[Finding]) -> list[dict[str, Any]]:
    """The same for machines."""
    return [asdict(one) | {"passed": one.passed} for one in findings]
