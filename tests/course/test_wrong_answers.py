"""Every wrong answer of the catalogue is caught, by the check that is named, and its author reads what is written down.

The texts stand in tests/answers/wrong/NN_step/MODULE.txt; UPDATE_GOLDEN=1 writes them anew. They are of the public
tests, which learners run; of an answer that passes all of these, the text is that of the report.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from catalogue import ROOT, WRONG, WrongAnswer, wrong_answers

from grader import course as courses
from grader.audit.trial import PublicSuites
from grader.course import Module
from grader.marking.examiner import Examiner
from grader.marking.workers import missing_features
from grader.model import FAILED, Submission

COURSE = courses.load(ROOT)
SEED = 8
AT_LEAST = 10  # answers a module
TOLD = 3  # causes that a learner reads in full: TOLD_IN_FULL of exercises/progress.py
SECONDS = 30  # of CPU time for a public suite
UPDATE = "UPDATE_GOLDEN" in os.environ


@pytest.fixture(scope="module")
def sandbox() -> str:
    return "none" if missing_features() else "jail"


@pytest.fixture(scope="module")
def examiner(sandbox: str) -> Iterator[Examiner]:
    with Examiner(COURSE, COURSE.modules(), SEED, sandbox) as one:
        yield one


@pytest.fixture(scope="module")
def public(sandbox: str) -> Iterator[PublicSuites]:
    suites = PublicSuites(COURSE, set(COURSE.tracks), sandbox)
    yield suites
    suites.close()


def failed_checks(examiner: Examiner, answer: WrongAnswer) -> dict[str, str]:
    """Those of the checks named that reject it, each with what the report says: the reason, and the hint."""
    module = answer.module
    submission = Submission("wrong", {module.step: {module.file: answer.source.encode()}})
    outcomes = examiner.over_reference(submission, module, COURSE.limits, answer.caught_by).outcomes
    return {o.check: f"{o.reason}\n{o.hint}" for o in outcomes if o.status == FAILED}


def texts(public: PublicSuites, answer: WrongAnswer) -> list[str]:
    """What its author reads: each cause once, the first ones."""
    reads = public.run(answer.module, answer.source, SECONDS, texts=True)["reads"]
    by_cause: dict[str, str] = {}
    for name, text in reads:
        cause, _, promise = text.rpartition("\n\n")
        by_cause.setdefault(cause, f"{name}: {promise}\n{cause}")
    return list(by_cause.values())[:TOLD]


@pytest.mark.slow
@pytest.mark.parametrize("module", COURSE.modules(), ids=lambda module: module.key)
def test_wrong_answers(module: Module, examiner: Examiner, public: PublicSuites) -> None:
    """At least ten; each rejected where it must be; at least half of the texts point at the misconception."""
    answers = wrong_answers(COURSE, module)
    page, problems = [], []
    if len(answers) < AT_LEAST:
        problems.append(f"{module.key}: {len(answers)} wrong answers, at least {AT_LEAST} belong there")
    for answer in answers:
        failed = failed_checks(examiner, answer)
        told = texts(public, answer) or [f"(only in the report) {failed.get(answer.caught_by[0], '')}"]
        problems += [f"{answer.id}: {check} does not reject it" for check in answer.caught_by if check not in failed]
        text = "\n".join(told)
        if answer.reads not in text:
            problems.append(f"{answer.id}: its author does not read `{answer.reads}`, but\n{text}")
        if answer.by_chance:
            told = [answer.reads or "(another text each time)"]
        page.append("\n\n".join([f"=== {answer.name}: {answer.belief}", *told]))
    pointing = [answer for answer in answers if answer.reads]
    if 2 * len(pointing) < len(answers):
        problems.append(f"{module.key}: {len(pointing)} of {len(answers)} texts point at the misconception")
    golden = WRONG / module.step / f"{module.name}.txt"
    whole = "\n\n\n".join(page) + "\n"
    if UPDATE:
        golden.write_text(whole, "utf-8")
    assert not problems, "\n".join(problems)
    assert golden.read_text("utf-8") == whole, "the texts have changed: look at them, then UPDATE_GOLDEN=1"
