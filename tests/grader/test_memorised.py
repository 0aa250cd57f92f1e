"""The flag for answers learnt by heart, on hand-ins of the corpus. It is a hint: it never costs points."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader import course as courses
from grader import intake
from grader.marking.memorised import Memorised, numbers
from grader.model import FAILED, PASSED, ModuleResult, Outcome, Status

ROOT = Path(__file__).resolve().parents[2]
COURSE = courses.load(ROOT)
MEMORISED = Memorised(COURSE, COURSE.modules())


def flags(folder: str, status: Status, cause: str = "wrong") -> tuple[str, ...]:
    """What is said of a hand-in all of whose checks end like this."""
    submission = intake.read(intake.single(ROOT / "tests" / "submissions" / folder), COURSE.files())
    results = tuple(
        ModuleResult(m.step, m.track, tuple(Outcome(name, status, name, cause) for name in m.checks))
        for m in COURSE.modules()
    )
    return MEMORISED.flags(submission, results)


@pytest.mark.parametrize(
    ("folder", "key"), [("memorised_answers", "03_softmax/pure"), ("memorised_attention", "07_attention/pure")]
)
def test_tables_of_the_public_numbers_are_flagged(folder: str, key: str) -> None:
    """A file that looks the public tests' numbers up is flagged where it fails, and not where it passes."""
    (flag,) = flags(folder, FAILED)
    assert flag.startswith(f"{key}: perhaps answers by heart: ")
    assert flags(folder, PASSED) == ()
    assert flags(folder, FAILED, "timed out") == ()


def test_nobody_else_is_flagged() -> None:
    """Of the whole corpus only these two are flagged, even if everything in it failed."""
    folders = sorted(path.name for path in (ROOT / "tests" / "submissions").iterdir() if path.is_dir())
    assert [name for name in folders if flags(name, FAILED)] == ["memorised_answers", "memorised_attention"]


def test_numbers_that_count() -> None:
    """Two digits that are not zero, by value; parts of names, small and round numbers do not count."""
    assert numbers(b"0.25 2.5e-1 1_0 x12 1.0 100 3 1e5 12 1.2.3 -4000.5 0.10") == {0.25, 12.0, 4000.5}
