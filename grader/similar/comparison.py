"""A class -> its rings, its pairs, and who has the course's own solution. Trusted side; may import course and model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from grader.course import Course, Module
from grader.model import Submission
from grader.similar.own import own_parts
from grader.similar.pairs import Pair, Pairs
from grader.similar.reference import ReferenceModule, reference_module
from grader.similar.rings import Ring, Rings

MOST_PAIRS = 1_000
MOST_TOLD = 10  # rings in a few words
MOST_NAMED = 12  # learners of one


@dataclass(frozen=True)
class Comparison:
    """What was found, the strongest first, and what could not be compared."""

    pairs: tuple[Pair, ...]
    problems: tuple[str, ...]
    silent: tuple[str, ...]  # modules in which right answers look alike: nobody's says anything
    rings: tuple[Ring, ...] = ()
    reference: tuple[ReferenceModule, ...] = ()


def compare(course: Course, submissions: Iterable[Submission], modules: Iterable[Module] | None = None) -> Comparison:
    """Compare what learners wrote themselves, module by module. Several attempts of one learner are not compared."""
    listed = list({submission.learner: submission for submission in submissions}.values())
    pairs, rings = Pairs(), Rings()
    problems: list[str] = []
    reference = []
    for module in course.modules() if modules is None else modules:
        own = own_parts(course, module, listed)
        problems += own.problems
        pairs.add(own)
        rings.add(own)
        reference.append(reference_module(course, own, listed))
    return Comparison(
        tuple(pairs.ranked()[:MOST_PAIRS]),
        tuple(problems),
        tuple(pairs.silent),
        tuple(rings.ranked()),
        tuple(filter(None, reference)),
    )


def near_identical(comparison: Comparison) -> tuple[tuple[str, str, float], ...]:
    """What an instructor should look at: learner, learner, share. Of a ring each is paired with the first."""
    found = {(pair.learner, pair.other): round(pair.score, 4) for pair in comparison.pairs if pair.is_near}
    for ring in comparison.rings:
        if ring.is_near:
            first, *others = ring.learners
            for other in others:
                found.setdefault((first, other), round(ring.alike, 4))
    return tuple((one, other, share) for (one, other), share in found.items())


def told(comparison: Comparison) -> list[str]:
    """The rings and the reference in a sentence each, for the terminal."""
    lines = [_ring(ring) for ring in comparison.rings[:MOST_TOLD]]
    if len(comparison.rings) > MOST_TOLD:
        lines.append(f"and {len(comparison.rings) - MOST_TOLD} more groups")
    long = [module for module in comparison.reference if module.is_long]
    for whose, how in (("verbatim", "word for word"), ("alike", "but for the names")):
        have = Counter(who for module in long for who in getattr(module, whose))
        if have:
            noun = "learner has" if len(have) == 1 else "learners have"
            most = f"in {max(have.values())} modules or fewer"
            lines.append(f"{len(have)} {noun} a long answer of the course's own solution {how}, {most}")
    return lines


def _ring(ring: Ring) -> str:
    where = ", ".join(module.module for module in ring.modules[:3])
    more = f" and {len(ring.modules) - 3} more" if len(ring.modules) > 3 else ""
    weight = f"weight {ring.weight:.0f}{', flagged' if ring.is_near else ''}"
    return f"{len(ring.learners)} have nearly the same {where}{more} ({weight}): {named(ring.learners)}"


def named(learners: tuple[str, ...]) -> str:
    """The names, of many the first."""
    more = f" and {len(learners) - MOST_NAMED} more" if len(learners) > MOST_NAMED else ""
    return ", ".join(learners[:MOST_NAMED]) + more
