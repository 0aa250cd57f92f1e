"""The class as a table: what a terminal of each width shows."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from grader.course import CheckSpec, Module
from grader.model import FAILED, GRADED, NOT_GRADED, NOTHING, PASSED, Grade, Mark, ModuleResult, Outcome
from grader.report.terminal import table

MODULES = [
    Module(f"{number:02}_step", track, "step", {"test_it": CheckSpec("test_it", 2.0, "")})
    for number in range(1, 11)
    for track in ("pure", "torch")
]


def shown(width: int, name: str = "") -> list[str]:
    """The table of one learner, who has the pure track and nothing of the other."""
    marks = {}
    for module in MODULES:
        there = module.track == "pure"
        outcome = (
            Outcome("test_it", PASSED, "It works.")
            if there
            else Outcome("test_it", FAILED, "It works.", "missing", "step.py is missing")
        )
        marks[module.key] = Mark(2, ModuleResult(module.step, module.track, (outcome,)), 2 * there, 2 * there)
    return lines([Grade("emma", GRADED, marks, name)], width)


def lines(grades: list[Grade], width: int) -> list[str]:
    out = io.StringIO()
    console = Console(file=out, width=width, color_system=None)
    console.print(table(grades, MODULES, console))
    return [line.strip() for line in out.getvalue().splitlines() if line.strip()]


def test_a_wide_terminal_has_a_column_for_each_module() -> None:
    """Twenty modules, the total and the remark fit on 190 columns; what was not handed in is a dash."""
    heading, tracks, _, row = shown(190)
    assert heading.split() == [f"{number:02}" for number in range(1, 11) for _ in "pt"]
    assert tracks.split()[1:-2] == ["pure", "torch"] * 10
    assert row.split()[1:22] == ["2", "-"] * 10 + ["20"]


def test_without_room_for_remarks_the_modules_stay() -> None:
    """On 160 columns the remarks go first."""
    assert shown(160)[1].split()[-1] == "total"


def test_a_narrow_terminal_has_a_column_for_each_track() -> None:
    """On 80 columns there are the sums of the two tracks, the total and the remark."""
    heading, _, row = shown(80)[:3]
    assert heading.split() == ["learner", "pure", "torch", "total", "remarks"]
    assert row.split()[:4] == ["emma", "20", "-", "20"]


def test_names_stand_beside_ids_where_there_is_room() -> None:
    """A name from the roster takes no room from modules or remarks: without room for all, the id stands alone."""
    assert shown(200, "Emma Noether")[-1].startswith("emma (Emma Noether)  ")
    for width in (180, 160, 80):
        assert shown(width, "Emma Noether")[-1].startswith("emma  ")


@pytest.mark.parametrize("width", [80, 200])
def test_who_has_no_points_has_a_remark_that_says_why(width: int) -> None:
    """Nothing handed in and not graded are told apart, and neither has a number."""
    marks = {module.key: Mark(2) for module in MODULES}
    nothing, fault = lines([Grade("dan", NOTHING, marks), Grade("eve", NOT_GRADED, marks, why="no memory")], width)[-2:]
    assert (nothing.split()[-3:], fault.split()[-2:]) == (["nothing", "handed", "in"], ["NOT", "GRADED"])
    assert not any(letter.isdigit() for letter in nothing + fault)
