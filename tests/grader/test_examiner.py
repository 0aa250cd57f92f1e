"""The trusted side of one submission after another: in which order modules are graded, and with how many workers."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader import course as courses
from grader.marking.check import once
from grader.marking.examiner import Examiner
from grader.marking.workers import Zygote, missing_features
from grader.model import FAILED, FAULT, PASSED, Submission

needs_jail = pytest.mark.skipif(
    bool(missing_features()), reason=f"the jail cannot be enforced here: {'; '.join(missing_features())}"
)
SECOND_TRACK = """
[tracks.other]
suffix = "_other"

[steps.01_double.other.checks]
test_twice = { points = 1, hint = "2 * x" }

[steps.02_quad.other.checks]
test_four_times = { points = 1, hint = "double() twice" }
"""


@pytest.fixture(autouse=True)
def suites_forgotten(tmp_path: Path) -> Iterator[None]:
    """The suites of each test's own course have the same names: another process would never have two of them."""
    yield
    for name, module in [*sys.modules.items()]:
        if str(getattr(module, "__file__", "")).startswith(f"{tmp_path}/"):
            del sys.modules[name]


@pytest.fixture
def two_tracks(mini: Path) -> Path:
    """The mini course with a second track, which is the first under other names."""
    manifest = mini / "course.toml"
    manifest.write_text(manifest.read_text("utf-8") + SECOND_TRACK, "utf-8")
    for step, name in (("01_double", "double"), ("02_quad", "quad")):
        for folder, file in (("solutions", name), ("tests/hidden", "probes"), ("tests/hidden", f"test_{name}")):
            text = (mini / folder / step / f"{file}.py").read_text("utf-8").partition("def test_negative")[0]
            text = text.replace("from double import", "from double_other import")
            text = text.replace(f"import {name}\n", f"import {name}_other as {name}\n")
            (mini / folder / step / f"{file}_other.py").write_text(text, "utf-8")
    return mini


def right_answers(course: courses.Course) -> Submission:
    files: dict[str, dict[str, bytes]] = {}
    for module in course.modules():
        files.setdefault(module.step, {})[module.file] = course.solution(module).read_bytes()
    return Submission("ada", files)


@pytest.fixture
def forks(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The track of every worker that was started."""
    started: list[str] = []
    real = Zygote.fork

    def counted(zygote: Zygote) -> object:
        started.append(zygote.track)
        return real(zygote)

    monkeypatch.setattr(Zygote, "fork", counted)
    return started


@needs_jail
def test_a_track_that_is_not_warm_comes_last(
    two_tracks: Path, monkeypatch: pytest.MonkeyPatch, forks: list[str]
) -> None:
    """While one track's imports take long the other is graded; the record has the order of the course as ever."""
    course = courses.load(two_tracks)
    modules = course.modules()
    assert [m.key for m in modules[:2]] == ["01_double/pure", "01_double/other"]
    with Examiner(course, modules, 7, "jail") as examiner:
        with monkeypatch.context() as cold:
            cold.setattr(Zygote, "warm", property(lambda zygote: zygote.track == "other"))
            record = examiner.grade(right_answers(course))
        assert forks[0] == "other"
        assert [f"{m.step}/{m.track}" for m in record.modules] == [m.key for m in modules]
        assert {o.status for m in record.modules for o in m.outcomes} == {PASSED}
        again = examiner.grade(right_answers(course))
    assert [m.outcomes[0].chain for m in again.modules] == ["own"] * 4


@needs_jail
def test_right_answers_need_one_worker(mini: Path, forks: list[str]) -> None:
    """All questions are known beforehand, also those of a check that changes what it has asked."""
    suite = mini / "tests" / "hidden" / "02_quad" / "test_quad.py"
    text = suite.read_text("utf-8").replace("@", "").rstrip()
    text += '\n    given = [[1.0], [2.0]]\n    check.same_each("four_times", given)\n    given.append([3.0])\n'
    suite.write_text(text, "utf-8")
    course = courses.load(mini)
    with Examiner(course, course.modules(), 7, "jail") as examiner:
        examiner.grade(right_answers(course))
        forks.clear()
        record = examiner.grade(right_answers(course))
    assert {o.status for m in record.modules for o in m.outcomes} == {PASSED}
    assert forks == ["pure"]


@needs_jail
@pytest.mark.parametrize(
    ("then", "workers"),
    [
        pytest.param("return 2 * x", 1, id="the answer that nobody waits for is dropped"),
        pytest.param("while True: pass", 2, id="an endless one costs a fresh worker"),
        pytest.param("raise SystemExit", 1, id="one that raises is dropped"),
        pytest.param("import os; os._exit(3)", 2, id="one that ends the process costs a fresh worker"),
    ],
)
def test_what_a_failed_check_leaves_behind(mini: Path, forks: list[str], then: str, workers: int) -> None:
    """A check fails at its first question and never comes to its second: the checks after it are graded as ever."""
    suite = mini / "tests" / "hidden" / "01_double" / "test_double.py"
    text = suite.read_text("utf-8").replace(
        "\n\ndef test_negative", '\n    check.same("twice", 100.0)\n\ndef test_negative'
    )
    suite.write_text(text, "utf-8")
    code = f"""
def double(x):
    if x < 0:
        raise ValueError("negative")
    if x < 100:
        return 3 * x
    {then}
"""
    course = courses.load(mini)
    modules = course.modules(["01_double"])
    with Examiner(course, modules, 7, "jail") as examiner:
        examiner.grade(right_answers(course))
        forks.clear()
        (result,) = examiner.grade(Submission("eve", {"01_double": {"double.py": code.encode()}})).modules
    assert [(o.check, o.status, o.cause) for o in result.outcomes] == [
        ("test_twice", FAILED, "wrong"),
        ("test_negative", PASSED, ""),
    ]
    assert forks == ["pure"] * workers


@needs_jail
def test_looking_ahead_disturbs_nothing(mini: Path) -> None:
    """The first time, a module's questions are found before the checks of the one before it have run."""
    course = courses.load(mini)
    with Examiner(course, course.modules()[::-1], 7, "jail") as examiner:  # 01 comes last: it has two checks
        record = examiner.grade(right_answers(course))
    assert [m.step for m in record.modules] == ["02_quad", "01_double"]
    assert {o.status for m in record.modules for o in m.outcomes} == {PASSED}


@needs_jail
def test_a_fixture_that_fails_is_a_fault(mini: Path) -> None:
    """What is asserted before a check begins is not about the learner's answers."""
    suite = mini / "tests" / "hidden" / "02_quad" / "test_quad.py"
    fixture = "import pytest\n\n\n@pytest.fixture(autouse=True)\ndef ready():\n    assert 1 == 2\n\n\n"
    suite.write_text(fixture + suite.read_text("utf-8"), "utf-8")
    course = courses.load(mini)
    with Examiner(course, course.modules(), 7, "jail") as examiner:
        record = examiner.grade(right_answers(course))
    assert [o.status for m in record.modules for o in m.outcomes] == [PASSED, PASSED, FAULT]
    assert record.modules[1].outcomes[0].reason.startswith("setup of ")


def test_what_is_calculated_once_is_shared_by_nobody() -> None:
    """Equal arguments are not calculated again, and each call gets a copy of its own."""
    calls = []

    @once
    def squares(numbers: list[float]) -> list[float]:
        calls.append(numbers)
        return [x * x for x in numbers]

    squares([1.0, 3.0]).append(0.0)
    assert squares([1.0, 3.0]) == [1.0, 9.0]
    assert squares([1, 3]) == [1, 9]  # other types are other arguments
    assert len(calls) == 2
