"""The stubs, generated from `solutions/`. Trusted side; imports course.

A solution has its answers between `### BEGIN SOLUTION` and `### END SOLUTION`. What learners get of it is the course's
to say, since hand-ins are compared with it too.
"""

from __future__ import annotations

import json
from pathlib import Path

from grader.course import BEGIN, END, Course, functions
from grader.course import without_answers as stub

__all__ = ["BEGIN", "END", "functions", "stub", "stubs", "write_stubs"]

AGAIN = Path("data", "stubs.json")  # all of them once more, {step: {file: text}}, for learners who begin a step again


def stubs(course: Course) -> dict[Path, str]:
    """The texts of all stubs and of AGAIN, by their places beneath exercises/. UserError: markers that do not pair."""
    made: dict[Path, str] = {}
    again: dict[str, dict[str, str]] = {}
    for module in course.modules():
        source = course.solution(module)
        text = stub(module, source.read_text("utf-8"), source.relative_to(course.root).as_posix())
        made[Path(module.step, module.file)] = text
        again.setdefault(module.step, {})[module.file] = text
    return {**made, AGAIN: json.dumps(again, ensure_ascii=False, indent=1) + "\n"}


def write_stubs(course: Course, exercises: Path) -> list[Path]:
    """Put them in `exercises`; returns the files that have changed."""
    changed = []
    for place, text in stubs(course).items():
        file = exercises / place
        if not file.is_file() or file.read_text("utf-8") != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="\n")
            changed.append(file)
    return changed
