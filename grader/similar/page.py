"""The comparison as a self-contained page: groups, the ranking of pairs, the strongest side by side. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined

from grader.model import Submission
from grader.similar.comparison import Comparison, named
from grader.similar.own import Place
from grader.similar.pairs import ModulePair, Pair
from grader.similar.rings import Ring

MOST_GROUPS = 30
MOST_RANKED = 200  # rows of the table
MOST_SHOWN = 30  # pairs side by side
MOST_MODULES = 4  # of each
MOST_LINES = 400  # of a file
LONGEST_LINE = 200  # characters


@dataclass(frozen=True)
class Line:
    number: int
    text: str
    shared: bool


@dataclass(frozen=True)
class Side:
    """A module of a pair: the lines of both, with what they share marked."""

    module: str
    score: float
    names: tuple[str, str]
    left: list[Line]
    right: list[Line]


def page(title: str, comparison: Comparison, submissions: list[Submission]) -> str:
    """The page. Names and sources are the learners': all is escaped, and what does not print is spelt out."""
    environment = Environment(
        loader=PackageLoader("grader.similar", "."),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters["spelt"] = spelt
    environment.filters["named"] = lambda learners: spelt(named(learners))
    by_name = {submission.learner: submission for submission in submissions}
    shown = [(pair, _sides(pair, by_name)) for pair in comparison.pairs[:MOST_SHOWN]]
    return environment.get_template("similar.html").render(
        title=title,
        comparison=comparison,
        rings=[(ring, _ring_side(ring, by_name)) for ring in comparison.rings[:MOST_GROUPS]],
        ranked=comparison.pairs[:MOST_RANKED],
        shown=shown,
        most=MOST_SHOWN,
    )


def _ring_side(ring: Ring, by_name: dict[str, Submission]) -> Side:
    """The heaviest module of the first two who have it."""
    module = ring.modules[0]
    one, other = (by_name[who] for who in module.pair)
    return _side(ModulePair(module.module, module.file, module.alike, module.weight, module.places), one, other)


def _sides(pair: Pair, by_name: dict[str, Submission]) -> list[Side]:
    strongest = sorted(pair.modules, key=lambda module: -module.weight)[:MOST_MODULES]
    return [_side(module, by_name[pair.learner], by_name[pair.other]) for module in strongest]


def _side(pair: ModulePair, one: Submission, other: Submission) -> Side:
    left, right = ([places[side] for places in pair.places] for side in (0, 1))
    names = (one.learner, other.learner)
    return Side(pair.module, pair.score, names, _lines(_source(one, pair), left), _lines(_source(other, pair), right))


def _source(submission: Submission, pair: ModulePair) -> str:
    return submission.files[pair.module.split("/")[0]][pair.file].decode("utf-8", "backslashreplace")


def _lines(text: str, places: list[Place]) -> list[Line]:
    shared = {number for first, last in places for number in range(first, last + 1)}
    return [
        Line(number, line[:LONGEST_LINE], number in shared)
        for number, line in enumerate(text.splitlines()[:MOST_LINES], 1)
    ]


def spelt(text: str) -> str:
    """The text with what does not print, or turns a line round, spelt out."""
    return "".join(c if c.isprintable() or c == "\t" else f"\\u{ord(c):04x}" for c in text)
