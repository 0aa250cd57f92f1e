"""The class as a table on the terminal."""

from __future__ import annotations

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.course import Module
from grader.model import GRADED, NOT_GRADED, NOTHING, Grade
from grader.report.sentences import remark, short, shown
from grader.scoring import points

MOST_LEARNER = 28  # columns of the terminal for a learner's id and name
MODULE = 7  # for a module's points, with what separates them
REMARK = 20  # at least, for a remark
STATE = 12  # for a state alone, where there is no room for remarks
STATES = {GRADED: "", NOT_GRADED: NOT_GRADED, NOTHING: "nothing"}
LONGEST_REMARK = 300  # characters


def ascii_only(console: Console) -> bool:
    """Whether this terminal cannot show more than ASCII."""
    return not console.encoding.lower().startswith("utf")


def plain(text: str) -> Text:
    """Text of a learner's: no markup, no control characters."""
    return Text("".join(c if c.isprintable() else "?" for c in text))


def table(grades: list[Grade], modules: list[Module], console: Console) -> Table:
    """One row a learner: points, total, the most telling remark. A narrow terminal has one column for each track.

    Names stand beside the ids where there is room for them, for every module and for remarks. Where all modules have
    room and remarks have none, the state stands in their place: a dash for points may be either of two.
    """
    each = {f"{module.step[:2]}\n{module.track}": [module] for module in modules}
    tracks = {
        track: [module for module in modules if module.track == track]
        for track in dict.fromkeys(module.track for module in modules)
    }
    room = console.width - (len(each) + 1) * MODULE
    people = [plain(short(grade.learner)) for grade in grades]
    with_names = [
        plain(f"{short(one.learner)} ({short(one.name)})" if one.name else short(one.learner)) for one in grades
    ]
    if room >= _widest(with_names) + REMARK:
        people = with_names
    states = any(grade.state != GRADED for grade in grades)
    columns = each if room >= _widest(people) + STATE * states else tracks
    remarks = columns is tracks or room >= _widest(people) + REMARK
    last = "remarks" if remarks else "state" if states else ""
    grid = _grid(console, _widest(people), [*columns, "total"], last)
    for person, grade in zip(people, grades, strict=True):
        cells = [_sum(grade, some) for some in columns.values()]
        cells.append(_cell(grade.total, grade.possible) if grade.counts else Text("-"))
        cells += [plain(shown(remark(grade), LONGEST_REMARK) if remarks else STATES[grade.state])] if last else []
        grid.add_row(person, *cells)
    return grid


def _widest(people: list[Text]) -> int:
    return min(MOST_LEARNER, max([7, *(cell_len(person.plain) for person in people)]))


def _grid(console: Console, learner: int, columns: list[str], last: str) -> Table:
    grid = Table(safe_box=True, box=_box(console), header_style="bold", pad_edge=False, padding=(0, 1, 0, 0))
    grid.add_column("learner", no_wrap=True, overflow="ellipsis", min_width=learner, max_width=learner)
    for heading in columns:
        grid.add_column(heading, justify="right", no_wrap=True)
    if last:
        grid.add_column(last, overflow="fold")
    return grid


def _sum(grade: Grade, modules: list[Module]) -> Text:
    """The points of some modules together; a dash where none of them was handed in or has a number."""
    marks = [grade.marks[module.key] for module in modules]
    earned = grade.sum(module.key for module in modules)
    if all(mark.missing for mark in marks) or earned is None:
        return Text("-")
    return _cell(earned, sum(mark.possible for mark in marks))


def _box(console: Console) -> box.Box:
    return box.ASCII2 if ascii_only(console) else box.SIMPLE_HEAD


def _cell(earned: float, possible: float) -> Text:
    style = "green" if earned == possible else "red" if earned == 0 else "yellow"
    return Text(points(earned), style=style)
