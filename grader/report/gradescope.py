"""results.json, as Gradescope shows it to one learner. Pure.

The format is Gradescope's (gradescope-autograders.readthedocs.io, "Autograder Specifications"): a score, which stands
above the sum of the tests' scores, so that penalties and overrides count; tests with name, score, max_score, status,
output and visibility. All texts are declared to be plain ("text"), since a learner's own words are among them. What the
autograder prints stays the instructors' (stdout_visibility "hidden").

Of a check it holds its sentence, its verdict and its hint, as every report: no input, no expected value.

Where a learner is not graded there is no score at all. Gradescope's description wants one at the top or in each test;
what it does without has not been tried by the writers of this. A 0 would be a mark.
"""

from __future__ import annotations

import json
from typing import Any

from grader.course import Module
from grader.model import FAULT, GRADED, NOTHING, PASSED, Grade, ModuleResult, Outcome
from grader.report.sentences import said_of_all, shown, verdict

NOT_YOUR_FAULT = (
    "Your submission has not been graded. This is not your fault, and it costs no marks: "
    "the people who run this course can see here what happened."
)


def results(grade: Grade, modules: list[Module]) -> str:
    """One learner's results.json. Without a score where there is no number to report."""
    if not grade.counts:
        return _said("Nothing was handed in.") if grade.state == NOTHING else not_graded(grade.why)
    tests = [test for module in modules if module.key in grade.marks for test in _tests(module, grade)]
    said = shown("\n".join((*_remarks(grade), *grade.notes)))
    return _text({"score": round(grade.total, 6), "output": said, "tests": tests})


def _remarks(grade: Grade) -> list[str]:
    """Who is not graded and has points from somebody is told both; what is said of all modules is said once."""
    general = said_of_all(grade)
    each = [f"{key}: {one}" for key, mark in grade.marks.items() for one in mark.remarks if one not in general]
    return [*([grade.state] if grade.state != GRADED else []), *general, *each]


def not_graded(why: str) -> str:
    """What a learner sees when the autograder failed; `why` is for the instructors alone."""
    return _text(
        {
            "output": NOT_YOUR_FAULT,
            "tests": [
                {"name": "Not graded", "output": NOT_YOUR_FAULT, "visibility": "visible"},
                {"name": "What happened (instructors only)", "output": shown(why), "visibility": "hidden"},
            ],
        }
    )


def unreadable(why: str) -> str:
    """What a learner sees whose hand-in cannot be read: what is wrong with it, and no score."""
    return _said(
        f"Your submission cannot be read, so it has not been graded. Mend this and submit again:\n{shown(why)}"
    )


def _said(text: str) -> str:
    """One sentence instead of checks, and no score."""
    test = {"name": "Submission", "status": "failed", "output": text, "visibility": "visible"}
    return _text({"output": text, "tests": [test]})


def _tests(module: Module, grade: Grade) -> list[dict[str, Any]]:
    """The checks of a module; one line for a module without them, or without a number: then it has no score either."""
    mark, number = grade.marks[module.key], grade.number(module.key)
    if number is None:
        return [{"name": module.key, "output": grade.state, "visibility": "visible"}]
    if mark.result is None:
        return [{"name": module.key, "score": number, "max_score": mark.possible, "visibility": "visible"}]
    return [_test(module, mark.result, outcome) for outcome in mark.result.outcomes]


def _test(module: Module, result: ModuleResult, outcome: Outcome) -> dict[str, Any]:
    spec = module.checks.get(outcome.check)
    possible = spec.points if spec is not None else 0.0
    passed = outcome.status == PASSED
    hint = [f"Hint: {outcome.hint}"] if outcome.hint and not passed else []
    test: dict[str, Any] = {
        "name": shown(f"{module.key}: {outcome.sentence}"),
        "max_score": possible,
        "output": shown("\n".join([verdict(outcome, result), *hint])),
        "visibility": "visible",
    }
    if outcome.status != FAULT:
        test |= {"score": possible if passed else 0.0, "status": "passed" if passed else "failed"}
    return test


def _text(data: dict[str, Any]) -> str:
    """As JSON in ASCII, which holds for any encoding."""
    formats = {"output_format": "text", "test_output_format": "text", "test_name_format": "text"}
    whole = data | formats | {"visibility": "visible", "stdout_visibility": "hidden"}
    return json.dumps(whole, indent=1, allow_nan=False) + "\n"
