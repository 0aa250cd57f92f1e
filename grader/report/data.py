"""The grades of a class as JSON, for whoever wants to compute with them. Pure.

It holds everything that counts and how it came about, durations and roster rows included: it is for instructors.
"""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from grader.course import Module
from grader.model import Grade
from grader.report.cells import sorted_grades

FORMAT = 2  # one more whenever a key is renamed, removed or means something else; new keys do not count


def as_json(run: dict[str, Any], grades: list[Grade], modules: list[Module]) -> str:
    """`format`, `run` (plain data about the run), `modules`, `learners` (sorted), always in this order; ASCII.

    A learner's `total`, and a mark's `points`, are null where there is no number to report.
    TypeError, ValueError: `run` is not plain data.
    """
    whole = {
        "format": FORMAT,
        "run": {key: run[key] for key in sorted(run)},
        "modules": [_module(module) for module in modules],
        "learners": [_learner(grade) for grade in sorted_grades(grades)],
    }
    return json.dumps(whole, indent=1, allow_nan=False) + "\n"


def _module(module: Module) -> dict[str, Any]:
    checks = {name: spec.points for name, spec in module.checks.items()}
    return {
        "key": module.key, "step": module.step, "track": module.track, "points": module.points, "checks": checks,
    }  # fmt: skip


def _learner(grade: Grade) -> dict[str, Any]:
    """All fields of a Grade, what it computes, and each mark's own."""
    counted = {"total": grade.total if grade.counts else None, "possible": grade.possible, "counts": grade.counts}
    fields = dataclasses.asdict(grade)
    for key, mark in grade.marks.items():
        fields["marks"][key] |= {"points": grade.number(key), "missing": mark.missing}
    return {"learner": fields.pop("learner"), "state": fields.pop("state"), **counted, **fields}
