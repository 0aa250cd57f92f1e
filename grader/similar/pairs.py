"""One module of a class -> its pairs, ranked by how much of what is rare in the class they share. Trusted side.

May import course and model.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from grader.similar.own import Own, Place

FEW = 10  # learners among whom a structure may always be shared and still say something
SHARE = 0.25  # of the class, likewise: what more of them have, the exercise made them write (or rings.py tells of them)
MOST = 60  # learners, however large the class is: all pairs among them are looked at
LEAST = 12.0  # of weight that a module needs to be compared: a few rare statements
NEAR = 0.8  # of the smaller one's own structures, from which a pair is flagged
HEAVY = 25.0  # of shared weight that a flag needs: in large classes small modules coincide by chance


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

    @property
    def is_near(self) -> bool:
        """Whether an instructor should look at it."""
        return self.score >= NEAR and self.weight >= HEAVY


@dataclass
class Pairs:
    """The pairs of a class, collected module by module."""

    found: dict[tuple[str, str], list[ModulePair]] = field(default_factory=lambda: defaultdict(list))
    totals: list[dict[str, float]] = field(default_factory=list)  # of each module: the weight of those who have enough
    silent: list[str] = field(default_factory=list)  # modules in which nobody has enough

    def add(self, own: Own) -> None:
        weights = _weights(own)
        totals = {who: sum(weights.get(one, 0.0) for one in found) for who, found in own.found.items()}
        enough = {who: total for who, total in totals.items() if total >= LEAST}
        self.totals.append(enough)
        self.silent += [own.module.key] if own.found and not enough else []
        for names, each in _shared(own, sorted(enough), weights).items():
            self.found[names].append(_pair(own, names, each, weights, totals))

    def ranked(self) -> list[Pair]:
        """The strongest first."""
        pairs = []
        for (one, other), each in self.found.items():
            weight = sum(module.weight for module in each)
            whole = sum(min(totals[one], totals[other]) for totals in self.totals if one in totals and other in totals)
            pairs.append(Pair(one, other, min(1.0, weight / whole), weight, tuple(each)))
        return sorted(pairs, key=lambda pair: (-pair.score * pair.weight, pair.learner, pair.other))


def _weights(own: Own) -> dict[int, float]:
    """What a structure weighs: ln of how rare it is. What too many have weighs nothing.

    What the reference has too is likely to be written by anybody: it is taken as if half of the class had it.
    """
    count = len(own.found)
    often = Counter(one for found in own.found.values() for one in found)
    most = min(MOST, max(FEW, SHARE * count))
    return {
        one: math.log((count + 1) / max(number, count / 2 if one in own.reference else 1))
        for one, number in often.items()
        if number <= most
    }


def _shared(own: Own, learners: Iterable[str], weights: dict[int, float]) -> dict[tuple[str, str], list[int]]:
    """What the pairs among these learners share."""
    holders: dict[int, list[str]] = defaultdict(list)
    for who in learners:
        for one in own.found[who].keys() & weights.keys():
            holders[one].append(who)
    shared: dict[tuple[str, str], list[int]] = defaultdict(list)
    for one, whose in holders.items():
        for pair in itertools.combinations(whose, 2):
            shared[pair].append(one)
    return shared


def _pair(
    own: Own, names: tuple[str, str], each: list[int], weights: dict[int, float], totals: dict[str, float]
) -> ModulePair:
    one, other = (own.found[name] for name in names)
    weight = sum(weights[hashed] for hashed in each)
    places = sorted({(one[hashed], other[hashed]) for hashed in each})
    score = min(1.0, weight / min(totals[name] for name in names))
    return ModulePair(own.module.key, own.module.file, score, weight, tuple(places))
