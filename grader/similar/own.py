"""What everybody wrote of one module: their structures without the stub's, and the reference's. Trusted side.

May import course and model. Sources are parsed and never executed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from grader.course import Course, Module
from grader.model import Submission
from grader.similar.structure import Structures, structures

Place = tuple[int, int]  # first and last line


@dataclass(frozen=True)
class Own:
    """One module of a class."""

    module: Module
    reference: frozenset[int]  # hashes of what the course's own solution adds to the stub
    found: dict[str, dict[int, Place]]  # by learner, whoever handed the module in: hash -> one occurrence
    problems: tuple[str, ...]  # what cannot be compared


def own_parts(course: Course, module: Module, submissions: Iterable[Submission]) -> Own:
    """Read a module of all learners. Several attempts of one learner are not compared: the last one counts."""
    given = structures(course.stub(module).encode()).found.keys()
    reference = structures(course.solution(module).read_bytes()).found.keys() - given
    found: dict[str, dict[int, Place]] = {}
    problems = []
    read: dict[bytes, Structures] = {}  # many hand in the same bytes
    for submission in submissions:
        source = submission.files.get(module.step, {}).get(module.file)
        if source is None:
            continue
        if source not in read:
            read[source] = structures(source)
        if read[source].problem:
            problems.append(f"{submission.learner}, {module.key}: {read[source].problem}")
        found[submission.learner] = {one: at for one, at in read[source].found.items() if one not in given}
    return Own(module, frozenset(reference), found, tuple(problems))
