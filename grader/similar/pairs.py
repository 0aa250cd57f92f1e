"""Structures of a class -> pairs, ranked by how much of what is rare in the class they share."""

from __future__ import annotations

import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from grader.course import Course, Module
from grader.model import Submission
from grader.similar.structure import Structures, structures

FEW = 10  # learners among whom a structure may always be shared and still say something
SHARE = 0.25  # of the class, likewise: what more of them have, the exercise made them write
MOST = 60  # learners, however large the class is: all pairs among them are looked at
LEAST = 12.0  # of weight that a module needs to be compared: a few rare statements
NEAR = 0.8  # of the smaller one's own structures, from which a pair is flagged
HEAVY = 25.0  # of shared weight that a flag needs: in large classes small modules coincide by chance
MOST_PAIRS = 1_000

Place = tuple[int, int]  # first and last line


@dataclass(frozen=True)
class ModulePair:
    """What two learners share in one module."""

    module: str
    file: str  # its name
    score: float  # share of the smaller one's own weight, 0 to 1
    weight: float  # of what is shared: a structure that one in n has weighs ln n
    places: tuple[tuple[Place, Place], ...]  # lines in the one and in the other


@dataclass(frozen=True)
class Pair:
    """Two learners, and what they share in all modules that both have."""

    learner: str
    other: str
    score: float  # as in the modules, over all that both have, shared or not
    weight: float
    modules: tuple[ModulePair, ...]


@dataclass(frozen=True)
class Comparison:
    """The pairs, the strongest first, and what could not be compared."""

    pairs: tuple[Pair, ...]
    problems: tuple[str, ...]
    silent: tuple[str, ...]  # modules in which right answers look alike: nobody's says anything


def compare(course: Course, submissions: Iterable[Submission], modules: Iterable[Module] | None = None) -> Comparison:
    """Compare every learner's own structures, module by module. Several attempts of one learner are not compared."""
    found: dict[tuple[str, str], list[ModulePair]] = defaultdict(list)
    totals: list[dict[str, float]] = []  # of each module: the weight of those who have enough of their own
    problems: list[str] = []
    silent = []
    listed = list(submissions)
    for module in course.modules() if modules is None else modules:
        shared, bad, whole, handed_in = _module(course, module, listed)
        problems += bad
        totals.append(whole)
        silent += [module.key] if handed_in and not whole else []
        for names, pair in shared.items():
            found[names].append(pair)
    pairs = []
    for (one, other), each in found.items():
        weight = sum(module.weight for module in each)
        whole_weight = sum(min(whole[one], whole[other]) for whole in totals if one in whole and other in whole)
        pairs.append(Pair(one, other, min(1.0, weight / whole_weight), weight, tuple(each)))
    pairs.sort(key=lambda pair: (-pair.score * pair.weight, pair.learner, pair.other))
    return Comparison(tuple(pairs[:MOST_PAIRS]), tuple(problems), tuple(silent))


def _module(
    course: Course, module: Module, submissions: list[Submission]
) -> tuple[dict[tuple[str, str], ModulePair], list[str], dict[str, float], bool]:
    """The pairs of one module, why some are not compared, who has enough of their own, whether anybody handed it in."""
    stub = course.exercise(module)
    given = set(structures(stub.read_bytes()).found) if stub.is_file() else set()
    expected = set(structures(course.solution(module).read_bytes()).found)
    own: dict[str, Structures] = {}
    problems = []
    for submission in submissions:
        source = submission.files.get(module.step, {}).get(module.file)
        if source is None:
            continue
        read = structures(source)
        if read.problem:
            problems.append(f"{submission.learner}, {module.key}: {read.problem}")
        own[submission.learner] = read
    weights = _weights(own, given, expected)
    totals = {who: sum(weights.get(one, 0.0) for one in read.found) for who, read in own.items()}
    enough = {who: total for who, total in totals.items() if total >= LEAST}
    holders: dict[int, list[str]] = defaultdict(list)
    for who in sorted(enough):
        for one in own[who].found.keys() & weights.keys():
            holders[one].append(who)
    shared: dict[tuple[str, str], list[int]] = defaultdict(list)
    for one, whose in holders.items():
        for pair in itertools.combinations(whose, 2):
            shared[pair].append(one)
    return (
        {pair: _pair(module, pair, each, own, weights, totals) for pair, each in shared.items()},
        problems,
        enough,
        bool(own),
    )


def _weights(own: dict[str, Structures], given: set[int], expected: set[int]) -> dict[int, float]:
    """What a structure weighs: ln of how rare it is. The stub's weigh nothing, nor does what too many have.

    What the reference has too is likely to be written by anybody: it is taken as if half of the class had it.
    """
    count = len(own)
    often = Counter(one for read in own.values() for one in read.found)
    most = min(MOST, max(FEW, SHARE * count))
    return {
        one: math.log((count + 1) / max(number, count / 2 if one in expected else 1))
        for one, number in often.items()
        if one not in given and number <= most
    }


def _pair(
    module: Module,
    names: tuple[str, str],
    each: list[int],
    own: dict[str, Structures],
    weights: dict[int, float],
    totals: dict[str, float],
) -> ModulePair:
    one, other = (own[name].found for name in names)
    weight = sum(weights[hashed] for hashed in each)
    places = sorted({(one[hashed], other[hashed]) for hashed in each})
    return ModulePair(
        module.key, module.file, min(1.0, weight / min(totals[name] for name in names)), weight, tuple(places)
    )


def near_identical(comparison: Comparison) -> tuple[tuple[str, str, float], ...]:
    """The pairs that an instructor should look at: learner, learner, share."""
    return tuple(
        (pair.learner, pair.other, round(pair.score, 4))
        for pair in comparison.pairs
        if pair.score >= NEAR and pair.weight >= HEAVY
    )
