"""Every right answer of the catalogue gets full marks and passes the public tests: no check asks for more than that.

tests/answers/right/MANNER/NN_step/MODULE.py: all ten steps of a track, each manner in another hand; what is particular
about a manner stands in manners_TRACK.toml. Two submissions of the corpus and the solutions themselves belong to them.
"""

from __future__ import annotations

import contextlib
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from catalogue import RIGHT, RIGHT_SUBMISSIONS, ROOT

from grader import course as courses
from grader.audit.trial import PublicSuites
from grader.marking.examiner import Examiner
from grader.marking.workers import missing_features
from grader.model import PASSED, Submission

COURSE = courses.load(ROOT)
SEED = 8  # tests/bench/stability.py takes 200
SECONDS = 60  # of CPU time for a public suite
AT_LEAST = 5  # complete solutions a track
MANNERS = {
    name: track
    for track in COURSE.tracks
    for name in tomllib.loads((RIGHT / f"manners_{track}.toml").read_text("utf-8"))
}
FOLDERS = {name: RIGHT / name for name in MANNERS} | {path.parent.name: path for path in RIGHT_SUBMISSIONS.values()}
TRACKS = MANNERS | {path.parent.name: track for track, path in RIGHT_SUBMISSIONS.items()}


@pytest.fixture(scope="module")
def sandbox() -> str:
    return "none" if missing_features() else "jail"


@pytest.fixture(scope="module")
def examiner(sandbox: str) -> Iterator[Examiner]:
    with Examiner(COURSE, COURSE.modules(), SEED, sandbox) as one:
        yield one


@pytest.fixture(scope="module")
def public(sandbox: str) -> Iterator[PublicSuites]:
    suites = PublicSuites(COURSE, set(COURSE.tracks), sandbox)
    yield suites
    suites.close()


@contextlib.contextmanager
def own_files(exercises: Path, manner: Path) -> Iterator[None]:
    """Inside, the exercises hold the manner's files in place of the solutions."""
    before = {file: file.read_bytes() if file.exists() else None for file in places(exercises, manner)}
    for file in before:
        shutil.copyfile(manner / file.parent.name / file.name, file)
    try:
        yield
    finally:
        for file, content in before.items():
            file.unlink() if content is None else file.write_bytes(content)


def places(exercises: Path, manner: Path) -> list[Path]:
    return [exercises / file.parent.name / file.name for file in manner.glob("*/*.py")]


def test_there_are_enough_and_each_is_whole() -> None:
    """At least five a track, each with the ten modules; every folder is described, every description has its folder."""
    for track in COURSE.tracks:
        assert sum(one == track for one in TRACKS.values()) >= AT_LEAST
    assert {path.name for path in RIGHT.iterdir() if path.is_dir()} == set(MANNERS)
    for name, track in TRACKS.items():
        wanted = {f"{module.step}/{module.file}" for module in COURSE.modules(tracks=[track])}
        there = {f"{file.parent.name}/{file.name}" for file in FOLDERS[name].glob("*/*.py")}
        assert wanted <= there, name


@pytest.mark.slow
@pytest.mark.parametrize("name", TRACKS)
def test_full_marks(name: str, examiner: Examiner) -> None:
    """Every hidden check passes, over the learner's own earlier steps."""
    files: dict[str, dict[str, bytes]] = {}
    for file in FOLDERS[name].glob("*/*.py"):
        files.setdefault(file.parent.name, {})[file.name] = file.read_bytes()
    wrong = [
        f"{result.step} {outcome.check}: {outcome.status}, {outcome.chain}: {outcome.reason}"
        for result in examiner.grade(Submission(name, files)).modules
        for outcome in result.outcomes
        if result.track == TRACKS[name] and (outcome.status, outcome.chain) != (PASSED, "own")
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.slow
@pytest.mark.parametrize("name", TRACKS)
def test_public_tests_pass(name: str, public: PublicSuites) -> None:
    """All of them, over the learner's own earlier steps."""
    wrong = []
    with own_files(public.root / "exercises", FOLDERS[name]):
        for module in COURSE.modules(tracks=[TRACKS[name]]):
            source = (FOLDERS[name] / module.step / module.file).read_bytes().decode()
            failed = public.run(module, source, SECONDS)["failed"]
            wrong += [f"{module.key} {test}" for test in failed]
    assert not wrong, "\n".join(wrong)
