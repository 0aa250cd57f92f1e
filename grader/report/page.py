"""The class as one self-contained HTML page: a table, and every learner's checks below it."""

from __future__ import annotations

from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined

from grader.course import Module
from grader.model import Record, Score
from grader.report.sentences import count, missing, remark, verdict
from grader.scoring import points


@dataclass(frozen=True)
class Run:
    """What the head of the page says."""

    title: str
    seed: int
    sandbox: str
    not_graded: dict[str, str]  # learner -> reason


def class_page(run: Run, records: list[Record], scores: dict[str, Score], modules: list[Module]) -> str:
    """The page. Everything that learners wrote is escaped by the template engine."""
    environment = Environment(
        loader=PackageLoader("grader.report", "."),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters["points"] = points
    template = environment.get_template("class.html")
    possible = sum(module.points for module in modules)
    return template.render(
        run=run, records=records, scores=scores, modules=modules, possible=possible,
        verdict=verdict, remark=remark, count=count, missing=missing, heat=_heat,
    )  # fmt: skip


def _heat(earned: float, possible: float) -> int:
    """0 (nothing) to 4 (all): the shade of a cell; the number in it says the same."""
    share = earned / possible if possible else 0
    return 4 if share >= 1 else 0 if share <= 0 else 1 + min(2, int(share * 3))
