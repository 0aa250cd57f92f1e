"""The class as a table: what a terminal of each width shows."""

from __future__ import annotations

import io

from rich.console import Console

from grader.course import CheckSpec, Module
from grader.model import FAILED, PASSED, ModuleResult, Outcome, Record
from grader.report.terminal import table
from grader.scoring import score

MODULES = [
    Module(f"{number:02}_step", track, "step", {"test_it": CheckSpec("test_it", 2.0, "")})
    for number in range(1, 11)
    for track in ("pure", "torch")
]


def shown(width: int) -> list[str]:
    """The table of one learner, who has the pure track and nothing of the other."""
    results = tuple(
        ModuleResult(
            module.step,
            module.track,
            (
                Outcome("test_it", PASSED, "It works.")
                if module.track == "pure"
                else Outcome("test_it", FAILED, "It works.", "missing", "step.py is missing"),
            ),
        )
        for module in MODULES
    )
    record = Record("emma", results, 1, {}, {})
    console = Console(file=io.StringIO(), width=width, color_system=None)
    console.print(table([record], {"emma": score(record, MODULES)}, MODULES, console))
    assert isinstance(console.file, io.StringIO)
    return [line.strip() for line in console.file.getvalue().splitlines() if line.strip()]


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
