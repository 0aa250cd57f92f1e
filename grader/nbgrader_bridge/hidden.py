"""Hidden test cells for nbgrader's own autograder: the questions of the hidden checks, with the reference's answers.

Trusted side: runs the course's own solutions without the jail, and no learner code. Imports course and marking.

In nbgrader everything runs in one process, so expected values have to lie beside the learner's code. That protects
nothing; what it keeps is the meaning of the checks. A check's own reasoning does not travel: where it judges an answer
by more than a comparison, its cell asks the question and is content with any answer.
"""

from __future__ import annotations

import ast
import copy
import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from grader.course import Course, Module
from grader.errors import UserError
from grader.marking.check import Check
from grader.marking.plain import InProcess
from grader.marking.suites import Suites
from grader.model import PASSED
from grader.release.notebooks import SET_UP_CHECKS
from grader.wire import Data

DEPTH = 3  # of an answer, in which a check may look at a part by itself
BEGIN, END = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"


class Recorder(Check):
    """A check that asks the reference in both roles, and notes what is asked and what it is compared with."""

    def __init__(self, rng: random.Random, reference: InProcess) -> None:
        super().__init__(rng, reference, reference)
        self.questions: list[dict[str, Any]] = []
        # parts of answers: what, of which question, by which path; kept alive, since they are known by identity
        self.answers: list[tuple[Data, dict[str, Any], list[Any]]] = []

    def learner_each(self, probe: str, cases: list[list[Data]]) -> list[Data]:
        answers = super().learner_each(probe, cases)
        # copies: a test may change what it has asked with, and ask again
        question: dict[str, Any] = {"probe": probe, "cases": copy.deepcopy(cases), "wants": []}
        self.questions.append(question)
        self.answers += [(part, question, path) for part, path in parts(answers, [])]
        return answers

    def close(self, got: Data, want: Data, rel: float = 1e-9, abs: float = 1e-12, why: str | None = None) -> None:
        super().close(got, want, rel=rel, abs=abs, why=why)
        answered = {id(answer) for answer, _, _ in self.answers}
        if any(id(part) in answered for part, _ in parts(want, [])):
            return  # compared with an answer of the learner's own: what that is only they know
        for answer, question, path in self.answers:
            if answer is got:
                question["wants"].append([copy.deepcopy(want), rel, abs, path])

    def raises(self, kind: type[Exception], probe: str, *args: Data, why: str | None = None) -> str:
        text = super().raises(kind, probe, *args, why=why)
        self.questions.append({"probe": probe, "cases": [copy.deepcopy(list(args))], "raises": kind.__name__})
        return text


def parts(answer: Data, path: list[Any]) -> Iterator[tuple[Data, list[Any]]]:
    """An answer and what is in it, down to DEPTH, but for what may be the same object elsewhere too."""
    if type(answer) in (float, list, dict):
        yield answer, path
    if len(path) < DEPTH and type(answer) in (list, dict):
        for key, inside in answer.items() if type(answer) is dict else enumerate(answer):
            yield from parts(inside, [*path, key])


def questions(course: Course, module: Module, seed: int) -> dict[str, list[dict[str, Any]]]:
    """What each hidden check of a module asks. UserError: a check does not accept the reference."""
    suites = Suites(course, [module])
    found = {}
    try:
        reference = InProcess(course.root / "solutions", module.step, course.suite(module))
        for name in module.checks:
            recorder = Recorder(random.Random(f"{seed}/{module.key}/{name}"), reference)
            verdict = suites.run(module, name, recorder)
            if verdict.status != PASSED:
                raise UserError(
                    f"the solution does not pass: {verdict.reason}",
                    where=f"{module.key} {name}",
                    next_step="grader check",
                )
            found[name] = recorder.questions
    finally:
        suites.finish()
    return found


def cell(asked: list[dict[str, Any]]) -> str:
    """The hidden lines of a check's cell."""
    return f"{BEGIN}\n{SET_UP_CHECKS}.replay({asked!r})\n{END}"


def set_up(course: Course, module: Module) -> str:
    """The hidden lines of the cell that defines what the others call: probes, kits and how to compare."""
    probes = course.probes(module).read_text("utf-8")
    kits = needed({kit.stem: kit.read_text("utf-8") for kit in course.kits()}, probes)
    replay = Path(__file__).with_name("replay.py").read_text("utf-8")
    return f"{BEGIN}\n{replay}\n\n{SET_UP_CHECKS} = Checks({kits!r}, {probes!r})\n{END}"


def needed(kits: Mapping[str, str], source: str) -> dict[str, str]:
    """The kits that a source imports, and those that they import."""
    found: dict[str, str] = {}
    waiting = [source]
    while waiting:
        for node in ast.walk(ast.parse(waiting.pop())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                if name in kits and name not in found:
                    found[name] = kits[name]
                    waiting.append(kits[name])
    return found
