"""The grades of a class as JSON, for whoever wants to compute with them. Pure.

It holds everything that counts and how it came about, durations and roster rows included: it is for instructors.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from typing import Any

from grader.course import Module
from grader.model import Grade
from grader.report.cells import sorted_grades

FORMAT = 2  # one more whenever a key is renamed, removed or means something else; new keys do not count


def as_json(run: dict[str, Any], grades: list[Grade], modules: list[Module]) -> Iterator[str]:
    """`format`, `run` (plain data about the run), `modules`, `learners` (sorted), always in this order; ASCII.

    It comes in pieces, a learner in each: the plain data of a large class fill gigabytes.
    A learner's `total`, and a mark's `points`, are null where there is no number to report.
    TypeError, ValueError: `run` is not plain data.
    """
    about = {
        "format": FORMAT,
        "run": {key: run[key] for key in sorted(run)},
        "modules": [_module(module) for module in modules],
        "learners": [],
    }
    yield _text(about, 0).removesuffix("]\n}")
    before = ""
    for grade in sorted_grades(grades):
        yield f"{before}\n  {_text(_learner(grade), 2)}"
        before = ","
    yield ("\n ]" if before else "]") + "\n}\n"


def _text(data: dict[str, Any], depth: int) -> str:
    """JSON as it stands at this depth of the whole: no line end is part of a text, since JSON has \\n for it."""
    return json.dumps(data, indent=1, allow_nan=False).replace("\n", "\n" + " " * depth)


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
