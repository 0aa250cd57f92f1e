"""From the records of a class to its files: one learner after the other, however many there are."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

import pytest

from grader import course as courses
from grader import results, scoring
from grader.model import ClassList, Grade, HandIn, ModuleResult, Outcome, Record
from grader.store import open_store

LEARNERS = 250
SETTINGS = {"seed": 7, "sandbox": "none"}
OUTCOME = Outcome("test_twice", "passed", "2 x.", chain="own")


def test_a_class_is_never_in_memory_as_a_whole(mini: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When a learner's grade is made, those of before are gone, their records too, but for the rows of a terminal."""
    course = courses.load(mini)
    made: list[weakref.ref[Grade | ModuleResult]] = []
    alive = []  # learners, at every fiftieth

    def watched(*of: object) -> Grade:
        if len(made) % 100 == 0:
            gc.collect()
            alive.append(sum(ref() is not None for ref in made) / 2)
        found = scoring.grade(*of)  # type: ignore[arg-type]  # what it is called with
        result = found.marks["01_double/pure"].result
        assert result is not None
        made.extend((weakref.ref(found), weakref.ref(result)))
        return found

    monkeypatch.setattr(results, "grade", watched)
    names = [f"s{number:03}" for number in range(LEARNERS)]
    with open_store(tmp_path / "out", SETTINGS) as records:
        for name in names:
            hashes = course.digests() if name < "s100" else {}
            records.save(Record(name, (ModuleResult("01_double", "pure", (OUTCOME,)),), 7, hashes, {}))
        stale: list[str] = []
        works = results.works(records, ClassList(tuple(HandIn(name, ()) for name in names)))
        works = results.noting_stale(course, works, stale)
        grades = results.grades(course, course.modules(), works, scoring.Adjustments())
        written = results.write(course, course.modules(), records, grades)
    assert max(alive) <= results.MOST_ROWS + 2
    assert len(made) == 2 * LEARNERS
    assert (written.learners, written.graded, stale) == (LEARNERS, LEARNERS, names[100:])
    assert [one.learner for one in written.first] == names[: results.MOST_ROWS]
    assert len((tmp_path / "out" / "grades.csv").read_text("utf-8").splitlines()) == 1 + LEARNERS
    assert len(list((tmp_path / "out" / "learners").iterdir())) == 2 * LEARNERS
