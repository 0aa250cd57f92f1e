"""A folder that is watched: what arrives is graded when it rests, each once, whatever ends the watch."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.cli.watch import Eye
from grader.marking.workers import missing_features
from grader.model import HandIn

needs_jail = pytest.mark.skipif(
    bool(missing_features()), reason=f"the jail cannot be enforced here: {'; '.join(missing_features())}"
)
LONGEST = 120  # seconds for whatever is waited for
DOUBLE = "01_double/double.py"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A class of two: ada has a folder, bob an archive."""
    (tmp_path / "class" / "ada").mkdir(parents=True)
    (tmp_path / "class" / "ada" / "double.py").write_text("one")
    (tmp_path / "class" / "bob.zip").write_text("one")
    return tmp_path / "class"


def hand_ins(folder: Path) -> list[HandIn]:
    return [HandIn(path.name.removesuffix(".zip"), (("", path),)) for path in sorted(folder.iterdir())]


@pytest.fixture
def eye(folder: Path, tmp_path: Path) -> Eye:
    """One for which nothing is left to do."""
    made = Eye(folder, tmp_path / "out")
    assert not made.look()  # it has just seen them come
    assert made.look()
    assert made.learners(hand_ins(folder)) == {"ada", "bob"}
    assert not made.look()
    return made


def test_what_changes_is_waited_for(folder: Path, eye: Eye) -> None:
    for text in ("half a", "half a file"):
        (folder / "ada" / "double.py").write_text(text)
        assert not eye.look()
    assert eye.look()
    assert eye.learners(hand_ins(folder)) == {"ada"}
    assert not eye.look()


def test_one_that_changes_all_the_time_keeps_nobody_waiting(folder: Path, eye: Eye) -> None:
    (folder / "ada" / "double.py").write_text("two")
    (folder / "bob.zip").write_text("two")
    assert not eye.look()
    (folder / "bob.zip").write_text("two and a half")
    assert eye.look()
    assert eye.learners(hand_ins(folder)) == {"ada"}
    assert eye.look()
    assert eye.learners(hand_ins(folder)) == {"bob"}
    assert not eye.look()


def test_more_files_for_a_learner_at_hand_are_not_forgotten(folder: Path, eye: Eye) -> None:
    """What has come to rest in a hand-in that otherwise changes still is to be done when all of it rests."""
    (folder / "ada" / "double.py").write_text("two")
    assert not eye.look()
    (folder / "ada" / "quad.py").write_text("one")
    assert eye.look()
    assert eye.learners(hand_ins(folder)) == set()
    assert eye.look()
    assert eye.learners(hand_ins(folder)) == {"ada"}


def test_who_comes_and_who_goes(folder: Path, eye: Eye) -> None:
    (folder / "cleo.zip").write_text("one")
    assert not eye.look()
    assert eye.look()
    assert eye.learners(hand_ins(folder)) == {"cleo"}
    (folder / "bob.zip").unlink()  # perhaps the one of two for which it was not known which counts
    assert not eye.look()
    assert eye.look()
    assert eye.learners(hand_ins(folder)) == {"ada", "cleo"}
    (folder / "ada" / "double.py").unlink()
    assert not eye.look()
    assert eye.look()
    assert eye.learners(hand_ins(folder)) == {"ada"}
    assert not eye.look()


def test_results_within_the_folder_are_not_hand_ins(folder: Path) -> None:
    eye = Eye(folder, folder / "out")
    eye.look()
    assert eye.look()
    eye.learners(hand_ins(folder))
    (folder / "out").mkdir()
    (folder / "out" / "report.html").write_text("one")
    assert not eye.look()
    assert not eye.look()


class Watch:
    """`grader run --watch` with its lines of JSON."""

    def __init__(self, mini: Path, folder: Path, out: Path) -> None:
        line = [sys.executable, "-m", "grader", "--course", str(mini), "run", str(folder), "--out", str(out)]
        self.process = subprocess.Popen(
            [*line, "--seed", "7", "--watch", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def next_pass(self) -> list[dict[str, Any]]:
        """What was said until all that had come was graded."""
        assert self.process.stdout is not None
        events = []
        for line in self.process.stdout:
            events.append(json.loads(line))
            if events[-1]["event"] != "graded":
                return events
        raise AssertionError((events, self.process.communicate(timeout=LONGEST)))

    def end(self, number: int) -> int:
        self.process.send_signal(number)
        self.process.communicate(timeout=LONGEST)
        return self.process.returncode


def names(events: list[dict[str, Any]]) -> list[str]:
    return sorted(event["who"] for event in events if event["event"] == "graded")


@needs_jail
def test_each_is_graded_once(mini: Path, hand_in: Callable[..., Path], right: dict[str, str], tmp_path: Path) -> None:
    """Those who are there, one who comes, one who changes something; after `kill -9` nobody a second time."""
    for learner in ("ada", "bob"):
        folder = hand_in(learner, right)
    out = tmp_path / "out"
    watch = Watch(mini, folder, out)
    assert names(watch.next_pass()) == ["ada", "bob"]
    hand_in("cleo", right)
    assert names(watch.next_pass()) == ["cleo"]
    hand_in("bob", {DOUBLE: "def double(x):\n    return 3 * x\n"})
    assert names(watch.next_pass()) == ["bob"]
    assert "\nbob,0,4,4,graded\n" in (out / "grades.csv").read_text("utf-8")
    watch.end(signal.SIGKILL)

    hand_in("dora", right)
    watch = Watch(mini, folder, out)
    assert names(watch.next_pass()) == ["dora"]
    manifest = (mini / "course.toml").read_text("utf-8")
    (mini / "course.toml").write_text("nonsense = [", "utf-8")  # by somebody who changes it while nobody looks here
    hand_in("emil", right)
    (event,) = watch.next_pass()
    assert event["event"] == "problem"
    assert "course.toml" in event["problem"]
    (mini / "course.toml").write_text(manifest, "utf-8")
    assert names(watch.next_pass()) == ["emil"]
    assert watch.end(signal.SIGINT) == 0
    assert len(list((out / "records").iterdir())) == 5
