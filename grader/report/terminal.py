"""The class as a table on the terminal."""

from __future__ import annotations

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.course import Module
from grader.model import Record, Score
from grader.report.sentences import missing, remark
from grader.scoring import points

MOST_LEARNER = 28  # columns of the terminal for a learner's name
MODULE = 7  # for a module's points, with what separates them
REMARK = 20  # at least, for a remark


def ascii_only(console: Console) -> bool:
    """Whether this terminal cannot show more than ASCII."""
    return not console.encoding.lower().startswith("utf")


def plain(text: str) -> Text:
    """Text of a learner's: no markup, no control characters."""
    return Text("".join(c if c.isprintable() else "?" for c in text))


def table(records: list[Record], scores: dict[str, Score], modules: list[Module], console: Console) -> Table:
    """One row a learner: points, total, the most telling remark. A narrow terminal has one column for each track."""
    learner = min(MOST_LEARNER, max([7, *(cell_len(record.learner) for record in records)]))

    each = {f"{module.step[:2]}\n{module.track}": [module] for module in modules}
    tracks = {
        track: [module for module in modules if module.track == track]
        for track in dict.fromkeys(module.track for module in modules)
    }
    width = learner + (len(each) + 1) * MODULE
    columns = each if width <= console.width else tracks
    remarks = width + REMARK <= console.width or columns is tracks
    grid = Table(safe_box=True, box=_box(console), header_style="bold", pad_edge=False, padding=(0, 1, 0, 0))
    grid.add_column("learner", no_wrap=True, overflow="ellipsis", min_width=learner, max_width=learner)
    for heading in columns:
        grid.add_column(heading, justify="right", no_wrap=True)
    grid.add_column("total", justify="right", no_wrap=True)
    if remarks:
        grid.add_column("remarks", overflow="fold")
    for record in records:
        score, absent = scores[record.learner], missing(record)
        cells = [_sum(score, some, absent) for some in columns.values()]
        cells.append(_cell(score.total, sum(score.possible.values())))
        cells += [plain(remark(record))] if remarks else []
        grid.add_row(plain(record.learner), *cells)
    return grid


def _sum(score: Score, modules: list[Module], absent: list[str]) -> Text:
    """The points of some modules together; a dash where none of them was handed in."""
    if all(module.key in absent for module in modules):
        return Text("-")
    return _cell(sum(score.earned[module.key] for module in modules), sum(module.points for module in modules))


def _box(console: Console) -> box.Box:
    return box.ASCII2 if ascii_only(console) else box.SIMPLE_HEAD


def _cell(earned: float, possible: float) -> Text:
    style = "green" if earned == possible else "red" if earned == 0 else "yellow"
    return Text(points(earned), style=style)
