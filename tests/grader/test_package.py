"""The autograder zip for Gradescope: unpacked and run as its container would, with this Python and another folder."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import grader
from grader import course as courses
from grader.errors import UserError
from grader.marking.workers import missing_features
from grader.package import autograde
from grader.package.gradescope import REQUIREMENTS, TORCH, build
from grader.report.gradescope import NOT_YOUR_FAULT

ROOT = Path(__file__).resolve().parents[2]
needs_jail = pytest.mark.skipif(
    sys.platform != "linux" or bool(missing_features()), reason="this machine cannot enforce the jail"
)


@pytest.fixture
def container(mini: Path, tmp_path: Path) -> Path:
    """/autograder as Gradescope lays it out: the zip unpacked beneath source, without a submission."""
    (mini / "exercises" / "__pycache__").mkdir(parents=True)
    (mini / "exercises" / "__pycache__" / "old.pyc").write_bytes(b"")
    (mini / "exercises" / ".notes").write_text("mine")
    home = tmp_path / "autograder"
    build(courses.load(mini), tmp_path / "autograder.zip", steps=["01_double"], seed=7)
    with zipfile.ZipFile(tmp_path / "autograder.zip") as whole:
        whole.extractall(home / "source")
    (home / "submission").mkdir()
    return home


def run(home: Path, python: str = sys.executable) -> tuple[dict[str, Any], str]:
    """What run_autograder writes and prints, started by bash from another folder."""
    environment = {"PATH": os.environ["PATH"], "AUTOGRADER_HOME": str(home), "AUTOGRADER_PYTHON": python}
    done = subprocess.run(
        ["bash", str(home / "source" / "run_autograder")],
        cwd=home, env=environment, capture_output=True, text=True, timeout=300, check=True,
    )  # fmt: skip
    assert [path.name for path in (home / "results").iterdir()] == ["results.json"]
    return json.loads((home / "results" / "results.json").read_text("utf-8")), done.stdout + done.stderr


def put(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def check_scoreless(results: dict[str, Any]) -> None:
    """No score anywhere, and what is printed stays hidden."""
    assert "score" not in results
    assert not [test for test in results["tests"] if "score" in test]
    assert results["stdout_visibility"] == "hidden"


@needs_jail
def test_a_right_submission(container: Path, right: dict[str, str]) -> None:
    """Every point of the chosen step, and nothing about the other."""
    put(container / "submission", {"double.py": right["01_double/double.py"]})
    results, output = run(container)
    assert results["score"] == 4
    assert [(t["name"], t["score"], t["max_score"], t["status"], t["output"]) for t in results["tests"]] == [
        ("01_double/pure: double(x) is 2 x.", 3, 3, "passed", "passed"),
        ("01_double/pure: double(-x) raises ValueError.", 1, 1, "passed", "passed"),
    ]
    assert "4 of 4 points" in output
    assert "'level': 'jail'" in output


@needs_jail
def test_a_half_done_submission(container: Path) -> None:
    """The points earned; verdict and hint for the rest, and none of the hidden test."""
    put(container / "submission" / "exercises" / "01_double", {"double.py": "def double(x):\n    return 2 * x\n"})
    results, _ = run(container)
    assert results["score"] == 3
    failed = results["tests"][1]
    assert (failed["score"], failed["status"]) == (0, "failed")
    assert "Hint: Is a negative number refused?" in failed["output"]
    assert "check.raises" not in json.dumps(results)


def test_an_unreadable_submission(container: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The learner is told what to mend, with no score and no path of the container."""
    monkeypatch.setattr(autograde, "missing_features", list)
    put(container / "submission", {"a/double.py": "x = 1\n", "b/double.py": "x = 2\n"})
    autograde.main(container)
    results = json.loads((container / "results" / "results.json").read_text("utf-8"))
    check_scoreless(results)
    assert "cannot be read" in results["output"]
    assert "double.py" in results["tests"][0]["output"]
    assert results["tests"][0]["status"] == "failed"
    assert str(container) not in json.dumps(results)
    assert NOT_YOUR_FAULT not in json.dumps(results)


def test_without_a_jail_nothing_is_run(
    container: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where the kernel cannot enforce it nobody is graded: the learner is innocent, and instructors see why."""
    monkeypatch.setattr(autograde, "missing_features", lambda: ["this kernel has no Landlock"])
    monkeypatch.setattr(autograde, "Examiner", lambda *_: pytest.fail("learner code would run"))
    put(container / "submission", {"double.py": "raise SystemExit\n"})
    autograde.main(container)
    results = json.loads((container / "results" / "results.json").read_text("utf-8"))
    check_scoreless(results)
    visible = [test for test in results["tests"] if test["visibility"] != "hidden"]
    assert [test["output"] for test in visible] == [NOT_YOUR_FAULT]
    assert "Landlock" not in json.dumps(visible) + results["output"]
    assert "no Landlock" in next(test["output"] for test in results["tests"] if test["visibility"] == "hidden")
    assert "no Landlock" in capsys.readouterr().out


@pytest.mark.parametrize("way", ["no python", "broken course"])
def test_a_broken_autograder_costs_nobody_marks(container: Path, way: str) -> None:
    """Python that does not start or a course that cannot be read: a results.json without a score, and exit code 0."""
    put(container / "submission", {"double.py": "x = 1\n"})
    if way == "broken course":
        (container / "source" / "course.toml").write_text("title = 1\n")
    results, output = run(container, sys.executable if way == "broken course" else "/nonexistent/python")
    check_scoreless(results)
    assert results["output"] == NOT_YOUR_FAULT
    assert ("course.toml" if way == "broken course" else "ended with code 127") in output


def test_a_fault_in_a_check_gives_no_score(container: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistake of ours in the middle of it is told to instructors, with its traceback, and to nobody else."""

    def explode(home: Path) -> str:
        raise ZeroDivisionError("ours")

    monkeypatch.setattr(autograde, "graded", explode)
    autograde.main(container)
    results = json.loads((container / "results" / "results.json").read_text("utf-8"))
    check_scoreless(results)
    hidden = [test["output"] for test in results["tests"] if test["visibility"] == "hidden"]
    assert "ZeroDivisionError: ours" in hidden[0]
    assert "ZeroDivisionError" not in results["output"] + results["tests"][0]["output"]


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ('{"created_at": "2018-07-01T14:22:32.365935-07:00"}', datetime(2018, 7, 1, 21, 22, 32, 365935, tzinfo=UTC)),
        ('{"created_at": "2018-07-01T14:22:32"}', None),
        ('{"created_at": 7}', None),
        ("[]", None),
        ("{", None),
        ('{"id": 1}', None),
        (None, None),
    ],
)
def test_when_it_was_submitted(tmp_path: Path, text: str | None, want: datetime | None) -> None:
    """The time in Gradescope's metadata, if there is one that says its zone; else it is not known."""
    file = tmp_path / "submission_metadata.json"
    if text is not None:
        file.write_text(text)
    assert autograde.submitted(file) == ({"": want} if want else {})


def test_what_the_zip_holds(container: Path, mini: Path) -> None:
    """Everything that grading needs and Gradescope asks for, at the top; nothing that trying out leaves behind."""
    with zipfile.ZipFile(container.parent / "autograder.zip") as whole:
        names = set(whole.namelist())
        modes = {info.filename: info.external_attr >> 16 for info in whole.infolist()}
    assert {"setup.sh", "run_autograder", "README.md", "not_graded.json", "requirements.txt", "course.toml"} <= names
    assert {"solutions/01_double/double.py", "tests/hidden/01_double/probes.py", "grader/package/autograde.py"} <= names
    assert {name for name in names if name.split("/")[0] not in ("grader", "solutions", "tests", "exercises")} == {
        "setup.sh", "run_autograder", "README.md", "not_graded.json", "requirements.txt", "course.toml",
        "autograder.json",
    }  # fmt: skip
    assert not [name for name in names if "__pycache__" in name or "/." in name]
    assert {name for name, mode in modes.items() if mode & stat.S_IXUSR} == {"setup.sh", "run_autograder"}
    settings = json.loads((container / "source" / "autograder.json").read_text())
    assert settings == {"steps": ["01_double"], "tracks": ["pure"], "seed": 7, "sandbox": "jail"}


def test_the_same_course_and_seed_are_the_same_zip(mini: Path, tmp_path: Path) -> None:
    """Byte for byte; without a seed two zips have different ones."""
    course = courses.load(mini)
    for name, seed in (("a", 1), ("b", 1), ("c", None), ("d", None)):
        build(course, tmp_path / "out" / name, seed=seed)
    a, b, c, d = [(tmp_path / "out" / name).read_bytes() for name in "abcd"]
    assert a == b
    assert c != d
    assert stat.S_IMODE((tmp_path / "out" / "a").stat().st_mode) == 0o600


def test_giving_up_the_jail_is_a_choice(mini: Path, tmp_path: Path) -> None:
    """It is in the settings only where it was asked for, and the README says what it means."""
    build(courses.load(mini), tmp_path / "none.zip", sandbox="none")
    with zipfile.ZipFile(tmp_path / "none.zip") as whole:
        assert json.loads(whole.read("autograder.json"))["sandbox"] == "none"
        readme = whole.read("README.md").decode()
    assert "--sandbox none" in readme
    assert "can write its own results.json" in readme


def test_without_the_jail_it_grades_all_the_same(container: Path, right: dict[str, str]) -> None:
    """Where an instructor has chosen that: on any Linux, and the level is in the autograder's output."""
    settings = container / "source" / "autograder.json"
    settings.write_text(settings.read_text().replace('"jail"', '"none"'))
    put(container / "submission", {"double.py": right["01_double/double.py"]})
    results, output = run(container)
    assert results["score"] == 4
    assert "'level': 'none'" in output


def test_nothing_is_overwritten(mini: Path, tmp_path: Path) -> None:
    """A file that is there stays, and a selection without modules is refused."""
    (tmp_path / "mine.zip").write_text("mine")
    with pytest.raises(UserError, match="is there already"):
        build(courses.load(mini), tmp_path / "mine.zip")
    assert (tmp_path / "mine.zip").read_text() == "mine"
    with pytest.raises(UserError, match="there is no step 99"):
        build(courses.load(mini), tmp_path / "new.zip", steps=["99"])
    assert not (tmp_path / "new.zip").exists()


def test_what_is_installed_is_what_the_grader_asks_for(mini: Path, tmp_path: Path) -> None:
    """The requirements are pyproject.toml's dependencies, torch only where the course has that track."""
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    assert {*REQUIREMENTS, TORCH} <= set(needed)
    build(courses.load(mini), tmp_path / "mini.zip")
    with zipfile.ZipFile(tmp_path / "mini.zip") as whole:
        assert whole.read("requirements.txt").decode().splitlines() == list(REQUIREMENTS)
    with_torch = courses.load(ROOT)
    build(with_torch, tmp_path / "full.zip")
    with zipfile.ZipFile(tmp_path / "full.zip") as whole:
        assert TORCH in whole.read("requirements.txt").decode().splitlines()


FAKE_APT = """#!/bin/sh
case "$*" in update|*python3.11\\ *) exit 0;; *) exit 100;; esac
"""
# `python3.11 -m venv FOLDER`: a real one, where this test's own packages are importable and pip does nothing.
FAKE_PYTHON = """#!/bin/sh
{python} -m venv --without-pip "$3"
ln -s /bin/true "$3/bin/pip"
echo {packages} > "$("$3/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/more.pth"
"""


@pytest.mark.skipif(sys.platform != "linux", reason="Gradescope's containers are Linux")
def test_setting_up_and_running(container: Path, tmp_path: Path, right: dict[str, str]) -> None:
    """setup.sh takes the first Python that the image offers; with what it makes, run_autograder grades.

    apt-get and pip are played: the one has Python 3.11 alone, the other installs nothing new.
    """
    purelib = sysconfig.get_path("purelib")
    put(tmp_path / "bin", {
        "apt-get": FAKE_APT, "python3.11": FAKE_PYTHON.format(python=sys.executable, packages=purelib),
    })  # fmt: skip
    for program in (tmp_path / "bin").iterdir():
        program.chmod(0o755)
    (container / "source" / "autograder.json").write_text(
        (container / "source" / "autograder.json").read_text().replace('"jail"', '"none"')
    )
    environment = {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", "AUTOGRADER_HOME": str(container)}
    script = container / "source" / "setup.sh"
    done = subprocess.run(["bash", str(script)], env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert f"grader, version {grader.__version__}" in done.stdout
    put(container / "submission", {"double.py": right["01_double/double.py"]})
    assert run(container, str(container / "venv" / "bin" / "python"))[0]["score"] == 4


@pytest.mark.skipif(sys.platform != "linux", reason="Gradescope's containers are Linux")
def test_an_image_without_a_new_python(container: Path, tmp_path: Path) -> None:
    """The build of the image fails, and its log says what to choose instead."""
    put(tmp_path / "bin", {"apt-get": "#!/bin/sh\ntest $1 = update\n"})
    (tmp_path / "bin" / "apt-get").chmod(0o755)
    environment = {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", "AUTOGRADER_HOME": str(container)}
    script = container / "source" / "setup.sh"
    done = subprocess.run(["bash", str(script)], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "choose a newer base image" in done.stderr
    assert not (container / "venv").exists()


@pytest.mark.parametrize("program", ["setup.sh", "run_autograder"])
def test_the_scripts_are_bash(container: Path, program: str) -> None:
    """They parse and say by which program they are to be run."""
    script = container / "source" / program
    assert script.read_text("utf-8").startswith("#!/usr/bin/env bash\n")
    subprocess.run(["bash", "-n", str(script)], check=True, timeout=30)
