"""One module of a class -> groups of learners whose own part of it is the same, or nearly. Trusted side.

May import course and model. Pairs are ranked by what is rare in the class, and what a dozen learners have is not rare:
by that rule a dozen copies of one answer say nothing. So whole modules are compared here. What makes a group
remarkable is that it could have been otherwise: that its form holds much that the reference does not have, and that
the class has many forms for its size. A module that nearly everybody writes in one way has few forms, and one of two
lines holds little: neither weighs anything.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Set
from dataclasses import dataclass, field, replace
from typing import TypeVar

from grader.similar.own import Own, Place

LIKE = 0.8  # of two forms' structures that both have, from which they are one; other hands share a sixth
FEWEST = 3  # learners; two are a pair
LEAST_HELD = 10  # structures that the reference does not have: two or three statements
LEAST = 8.0  # of weight that a group needs to be told of
HEAVY = 20.0  # from which it is flagged: a module of some size in a class of many forms, or several modules
SAME = 0.5  # of the learners of two groups that both have, from which they are one group

Form = frozenset[int]
T = TypeVar("T")


@dataclass(frozen=True)
class RingModule:
    """A module that is the same for a group."""

    module: str
    file: str  # its name
    learners: tuple[str, ...]
    forms: int  # that the others have
    others: int
    alike: float  # the share of structures that the one of them has who is furthest from the commonest form
    weight: float
    pair: tuple[str, str]  # the first two
    places: tuple[tuple[Place, Place], ...]  # lines that these share


@dataclass(frozen=True)
class Ring:
    """Learners with the same modules, the heaviest module first."""

    learners: tuple[str, ...]
    modules: tuple[RingModule, ...]

    @property
    def weight(self) -> float:
        return sum(module.weight for module in self.modules)

    @property
    def alike(self) -> float:
        return sum(module.alike * module.weight for module in self.modules) / self.weight

    @property
    def is_near(self) -> bool:
        """Whether an instructor should look at it."""
        return self.weight >= HEAVY


@dataclass
class Rings:
    """The groups of a class, collected module by module."""

    found: list[RingModule] = field(default_factory=list)

    def add(self, own: Own) -> None:
        shapes = clusters(own)
        free = {form: whose for form, whose in shapes.items() if likeness(form, own.reference) < LIKE}
        count = sum(map(len, free.values()))
        for form, whose in free.items():
            held = len(form - own.reference)
            if len(whose) >= FEWEST and held >= LEAST_HELD:
                others = count - len(whose)
                weight = held * variety(len(free) - 1, others, count)
                self.found.append(_ring_module(own, form, whose, len(free) - 1, others, weight))

    def ranked(self) -> list[Ring]:
        """Groups of the same learners put together, the heaviest first."""
        groups: list[list[RingModule]] = []
        for module in sorted(self.found, key=lambda module: (-module.weight, module.module, module.learners)):
            like = [(likeness(set(group[0].learners), set(module.learners)), -at) for at, group in enumerate(groups)]
            best, at = max(like, default=(0.0, 0))
            if best >= SAME:
                groups[-at].append(module)
            else:
                groups.append([module])
        rings = [ring for group in groups if (ring := _ring(group)) and ring.weight >= LEAST]
        return sorted(rings, key=lambda ring: (-ring.weight, ring.learners))


def variety(forms: int, others: int, everybody: int) -> float:
    """How various a module is, 0 to 1: how many forms there are for each of the others, of whom the reference is one.

    The fewer the others are, the likelier is the form the usual one. That is allowed for by the fourth root of their
    share: nine in ten have nearly half the weight, and a whole class that copied as one still has some.
    """
    rest = (others + 1) / (everybody + 1)
    return (forms + 1) / (others + 1) * math.sqrt(math.sqrt(rest))


def clusters(own: Own) -> dict[Form, tuple[str, ...]]:
    """The forms of a module, each with those who have it or nearly; who wrote nothing has none.

    Each form joins the commonest one that it is like, and none joins one that has only joined another: what is
    like by a chain of small steps is not one.
    """
    exact: dict[Form, list[str]] = defaultdict(list)
    for who, found in own.found.items():
        exact[frozenset(found)].append(who)
    exact.pop(frozenset(), None)
    leaders: dict[Form, list[str]] = {}
    for form in sorted(exact, key=lambda form: (-len(exact[form]), -len(form), sorted(form))):
        leader = next((one for one in leaders if likeness(one, form) >= LIKE), form)
        leaders.setdefault(leader, []).extend(exact[form])
    return {form: tuple(sorted(whose)) for form, whose in leaders.items()}


def likeness(one: Set[T], other: Set[T]) -> float:
    """How much of what either has both have."""
    if min(len(one), len(other)) < SAME * max(len(one), len(other)):
        return 0.0  # can reach neither limit, and is quickly told
    both = len(one & other)
    return both / max(1, len(one) + len(other) - both)


def _ring_module(own: Own, form: Form, whose: tuple[str, ...], forms: int, others: int, weight: float) -> RingModule:
    alike = min(likeness(form, frozenset(own.found[who])) for who in whose)
    one, other = (own.found[who] for who in whose[:2])
    places = sorted({(one[hashed], other[hashed]) for hashed in one.keys() & other.keys()})
    return RingModule(
        own.module.key, own.module.file, whose, forms, others, alike, weight, (whose[0], whose[1]), tuple(places)
    )


def _ring(group: Iterable[RingModule]) -> Ring | None:
    """The group as those who have most of it; None where those are too few, and pairs.py tells of them."""
    modules = tuple(group)
    weights: dict[str, float] = defaultdict(float)
    for module in modules:
        for who in module.learners:
            weights[who] += module.weight
    whole = sum(module.weight for module in modules)
    members = {who for who, weight in weights.items() if weight >= whole / 2}
    kept = [replace(one, learners=tuple(who for who in one.learners if who in members)) for one in modules]
    return Ring(tuple(sorted(members)), tuple(kept)) if len(members) >= FEWEST else None
