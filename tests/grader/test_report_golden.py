"""Each format, held against the file that was looked at last: tests/grader/golden/."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from grades import class_page, modules, small_class
from rich.console import Console

from grader.report.grades import grades_csv
from grader.report.learner import learner_page, learner_text
from grader.report.page import Run
from grader.report.terminal import table

GOLDEN = Path(__file__).parent / "golden"
MODULES = modules()
CLASS = small_class(MODULES)
RUN = Run("A small course", 7, "full", pairs=(("ada", "gus", 0.97),), notes=("left out stray.py: nobody's",))
PAGES = {grade.learner: f"learners/{grade.learner}.html" for grade in CLASS}
BOB = CLASS[1]


def terminal() -> str:
    """The table on a wide terminal and on a narrow one."""
    out = io.StringIO()
    for width in (160, 80):
        console = Console(file=out, width=width, color_system=None)
        console.print(table(CLASS, MODULES, console))
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())


FORMATS = {
    "class.html": lambda: class_page(RUN, CLASS, MODULES, PAGES),
    "learner.html": lambda: learner_page(RUN.title, RUN.seed, BOB, MODULES),
    "learner.md": lambda: learner_text(RUN.title, BOB, MODULES),
    "not_graded.md": lambda: learner_text(RUN.title, CLASS[4], MODULES),
    "grades.csv": lambda: grades_csv(CLASS, MODULES),
    "table.txt": terminal,
}


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_is_as_it_was_when_somebody_looked(name: str) -> None:
    """A class with one learner of each kind gives, byte for byte, the files in tests/grader/golden."""
    file = GOLDEN / name
    if os.environ.get("GOLDEN") == "write":
        file.parent.mkdir(exist_ok=True)
        file.write_text(FORMATS[name](), encoding="utf-8", newline="")
    with file.open(encoding="utf-8", newline="") as kept:
        assert FORMATS[name]() == kept.read(), (
            f"{name} has changed. Where that is meant: GOLDEN=write pytest {Path(__file__).name}, and look at git diff"
        )
