"""Outcomes -> Score. Pure; imports model and course."""

from __future__ import annotations

from grader.course import Module
from grader.model import PASSED, Record, Score


def score(record: Record, modules: list[Module]) -> Score:
    """The points of one record under the course as it is now."""
    outcomes = {
        (result.step, result.track, outcome.check): outcome for result in record.modules for outcome in result.outcomes
    }
    earned: dict[str, float] = {}
    for module in modules:
        passed = [
            spec.points
            for name, spec in module.checks.items()
            if (found := outcomes.get((module.step, module.track, name))) is not None and found.status == PASSED
        ]
        earned[module.key] = round(sum(passed), 6)
    return Score(earned, {module.key: module.points for module in modules})


def points(number: float) -> str:
    """Points as people write them: 7, 7.5, 7.25."""
    return f"{number:.2f}".rstrip("0").rstrip(".")
