"""The stubs, generated from `solutions/`. Trusted side; imports course.

A solution has its answers between `### BEGIN SOLUTION` and `### END SOLUTION`. What learners get of it is the course's
to say, since hand-ins are compared with it too.
"""

from __future__ import annotations

from pathlib import Path

from grader.course import BEGIN, END, Course, functions
from grader.course import without_answers as stub

__all__ = ["BEGIN", "END", "functions", "stub", "write_stubs"]


def write_stubs(course: Course) -> list[Path]:
    """Regenerate every stub in `exercises/`; returns the files that have changed."""
    changed = []
    for module in course.modules():
        text = stub(module, course.solution(module).read_text("utf-8"), str(course.solution(module)))
        file = course.exercise(module)
        if not file.is_file() or file.read_text("utf-8") != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="\n")
            changed.append(file)
    return changed
