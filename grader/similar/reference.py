"""Who has the course's own solution: in its structure, or word for word. Trusted side.

May import course and model. Solutions are compared as texts. That somebody has an answer is no reproach: the shorter an
answer, the more have it; and how long it is, is told.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from grader.course import BEGIN, END, Course
from grader.model import Submission
from grader.similar.own import Own
from grader.similar.rings import LIKE, likeness

WHOLE = 0.95  # of an answer's characters, from which it is there word for word: a line may have been mended
SHORT = 10  # lines of an answer below which many will have it


@dataclass(frozen=True)
class ReferenceModule:
    """A module of which learners have the course's own answer."""

    module: str
    lines: int  # of the answer
    handed_in: int
    alike: tuple[str, ...]  # who has its structure, names aside
    verbatim: tuple[str, ...]  # who has its lines, names and comments included

    @property
    def is_long(self) -> bool:
        return self.lines >= SHORT


def reference_module(course: Course, own: Own, submissions: Iterable[Submission]) -> ReferenceModule | None:
    """None where nobody has it."""
    module = own.module
    given = set(_lines(course.stub(module)))
    parts = course.solution(module).read_text("utf-8").split(BEGIN)[1:]
    answer = [line for part in parts for line in _lines(part.split(END)[0]) if line not in given]
    verbatim = []
    for submission in submissions:
        source = submission.files.get(module.step, {}).get(module.file)
        if source is not None and answer and _share(answer, source) >= WHOLE:
            verbatim.append(submission.learner)
    alike = [who for who, found in own.found.items() if likeness(frozenset(found), own.reference) >= LIKE]
    if not verbatim and not alike:
        return None
    return ReferenceModule(
        module.key, len(answer), len(own.found), tuple(sorted({*alike, *verbatim})), tuple(sorted(verbatim))
    )


def _share(answer: list[str], source: bytes) -> float:
    """How much of the answer stands in a source."""
    lines = set(_lines(source.decode("utf-8", "replace")))
    return sum(len(line) for line in answer if line in lines) / sum(map(len, answer))


def _lines(text: str) -> list[str]:
    return [line for line in (" ".join(line.split()) for line in text.splitlines()) if line]
