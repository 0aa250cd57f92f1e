"""Answers learnt by heart: the public tests' numbers in a file that fails on other numbers. Trusted side.

It is a hint to look, and costs no points. A file is searched as text: parsing a learner's source in this process would
be a risk, and is not needed.
"""

from __future__ import annotations

import re

from grader.course import Course, Module
from grader.model import FAILED, ModuleResult, Submission

NUMBER = re.compile(rb"(?<![\w.])\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])")
FEWEST = 4  # of 116 hand-ins of the corpus the two that look answers up have 5 and 12 such numbers, the others none


def numbers(source: bytes) -> set[float]:
    """The numbers in a text that nobody writes by chance: two digits or more that are not zero."""
    found = NUMBER.findall(source)
    return {float(number) for number in found if len(re.sub(rb"[eE].*|\D", b"", number).strip(b"0")) >= 2}


class Memorised:
    """Says of which modules a learner seems to have learnt the public tests by heart."""

    def __init__(self, course: Course, modules: list[Module]) -> None:
        self.only_public: dict[str, set[float]] = {}
        for module in modules:
            public = course.exercise(module).with_name(f"test_{module.file}")
            given = [file.read_bytes() for file in (course.solution(module), course.exercise(module)) if file.is_file()]
            asked = numbers(public.read_bytes()) if public.is_file() else set()
            self.only_public[module.key] = asked.difference(*map(numbers, given))

    def flags(self, submission: Submission, results: tuple[ModuleResult, ...]) -> tuple[str, ...]:
        """One sentence for each module whose hidden checks fail and in which there are numbers of its public tests."""
        found = []
        for result in results:
            key = f"{result.step}/{result.track}"
            failed = any(one.status == FAILED and one.cause in ("wrong", "raised") for one in result.outcomes)
            if not failed or not self.only_public[key]:
                continue
            sources = submission.files.get(result.step, {}).values()
            shared = self.only_public[key] & set().union(*map(numbers, sources))
            if len(shared) >= FEWEST:
                few = ", ".join(f"{number:g}" for number in sorted(shared)[:FEWEST])
                found.append(
                    f"{key}: perhaps answers by heart: {len(shared)} numbers of the public tests are in it ({few}, ...)"
                )
        return tuple(found)
