"""The class as a table: what a terminal of each width shows."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich import progress as bars
from rich.console import Console

from grader.cli.grade import Voice
from grader.cli.progress import _Pace
from grader.course import CheckSpec, Module
from grader.model import FAILED, GRADED, NOT_GRADED, NOTHING, PASSED, ClassList, Grade, Mark, ModuleResult, Outcome
from grader.report.terminal import table
from grader.results import Written
from grader.store import Store

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


@pytest.mark.parametrize(("width", "there"), [(173, True), (166, True), (165, False)])
def test_the_state_stands_where_remarks_have_no_room(width: int, there: bool) -> None:
    """Where every module has its column and remarks have none, a dash still says which of two it is."""
    marks = {module.key: Mark(2) for module in MODULES}
    grades = [Grade("dan", NOTHING, marks), Grade("eve", NOT_GRADED, marks, why="no memory")]
    heading, *_, nothing, fault = lines(grades, width)
    tracks = lines(grades, width)[1]
    assert ("state" in tracks, "remarks" in heading) == (there, not there)
    assert nothing.endswith("  nothing" if there else "nothing handed in")
    assert fault.endswith("not graded" if there else "NOT GRADED")
    assert max(len(line) for line in lines(grades, width)) <= width


def test_points_by_hand_are_the_only_number_of_who_has_no_other() -> None:
    """The other modules stay dashes, in columns of modules and of tracks."""
    given = {module.key: Mark(2, points=1.5, by_hand=module is MODULES[0]) for module in MODULES}
    for width in (200, 80):
        row = lines([Grade("eve", NOT_GRADED, given, why="no memory")], width)[-1].split("NOT GRADED")[0].split()
        assert [cell for cell in row[1:] if cell != "-"] == ["1.5", "1.5"]


@pytest.mark.parametrize(
    ("elapsed", "said"),
    [(0, "ETA -:--:--"), (4, "ETA 0:00:16 2.0 s each"), (1, "ETA 0:00:04 2.0/s"), (24, "ETA 0:01:36 12.0 s each")],
)
def test_rate_and_time_left_are_those_since_the_start(elapsed: float, said: str) -> None:
    """While a long hand-in is at hand the rate falls and the time left grows: nothing is said that is no longer so."""
    now = [0.0]
    shown = bars.Progress(get_time=lambda: now[0], console=Console(file=io.StringIO()))
    shown.add_task("", total=10)
    (task,) = shown.tasks
    now[0] = min(elapsed, 1)
    shown.update(task.id, advance=2 if elapsed else 0)
    now[0] = elapsed
    assert _Pace().render(task).plain == said


@pytest.mark.parametrize("width", [80, 200])
def test_who_has_no_points_has_a_remark_that_says_why(width: int) -> None:
    """Nothing handed in and not graded are told apart, and neither has a number."""
    marks = {module.key: Mark(2) for module in MODULES}
    nothing, fault = lines([Grade("dan", NOTHING, marks), Grade("eve", NOT_GRADED, marks, why="no memory")], width)[-2:]
    assert (nothing.split()[-3:], fault.split()[-2:]) == (["nothing", "handed", "in"], ["NOT", "GRADED"])
    assert not any(letter.isdigit() for letter in nothing + fault)


@pytest.mark.parametrize("number", [200, 203])
def test_who_is_not_graded_is_named_up_to_two_hundred(number: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Each with the reason, then how many more and where they are; as JSON they are all there."""
    reasons = {f"s{learner:03}": "no memory" for learner in range(number)}
    records, written = Store(Path("out"), {"seed": 7}), Written([], number, not_graded=reasons)
    Voice(quiet=True, as_json=False).end(records, written, ClassList(), interrupted=False)
    heading, *named = capsys.readouterr().out.splitlines()
    assert heading == f"{number} not graded:"
    assert named[:200] == [f"  s{learner:03}: no memory" for learner in range(200)]
    assert named[200:] == (["  and 3 more: grader.log and report.html"] if number > 200 else [])
    Voice(quiet=False, as_json=True).end(records, written, ClassList(), interrupted=False)
    assert json.loads(capsys.readouterr().out)["not_graded"] == reasons
