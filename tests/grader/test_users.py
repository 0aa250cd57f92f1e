"""The jail as root, as root with an interpreter that only root may read, and as an ordinary user."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.jail.limits import NOBODY, can_read_as
from grader.marking.workers import missing_features

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def interpreter() -> Iterator[Path]:
    """A Python of this version in a folder of its own, which every user can read, with our packages."""
    if missing_features() or os.geteuid() != 0:
        pytest.skip("needs root, who can become another user, and a kernel that can enforce the jail")
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    candidates = [Path(sys.base_prefix) / "bin" / version, Path("/usr/bin") / version, Path("/usr/local/bin") / version]
    packages = sysconfig.get_paths()["purelib"]
    readable = [c for c in candidates if c.exists() and can_read_as(NOBODY, [str(c), packages, str(ROOT / "grader")])]
    if not readable:
        pytest.skip(f"no {version} that other users can read, or they cannot read {packages}")
    folder = Path(tempfile.mkdtemp(prefix="grader-users-"))
    folder.chmod(0o755)
    subprocess.run([readable[0], "-m", "venv", "--without-pip", folder / "venv"], check=True)
    paths = folder / "venv" / "lib" / version / "site-packages" / "ours.pth"
    paths.write_text(f"{packages}\n{ROOT}\n")
    yield folder / "venv" / "bin" / "python"
    shutil.rmtree(folder)


@pytest.fixture
def course_and_class(mini: Path, right: dict[str, str]) -> Iterator[tuple[Path, Path]]:
    """The mini course and a class of one, where every user can read them."""
    folder = Path(tempfile.mkdtemp(prefix="grader-users-"))
    folder.chmod(0o755)
    shutil.copytree(mini, folder / "mini")
    for name, source in right.items():
        file = folder / "class" / "ada" / "exercises" / name
        file.parent.mkdir(parents=True)
        file.write_text(source)
    yield folder / "mini", folder / "class"
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("who", "private", "runs_as"),
    [(0, False, NOBODY), (0, True, 0), (12345, False, 12345)],
    ids=["root", "root-with-a-private-interpreter", "ordinary-user"],
)
def test_every_user_can_grade(
    interpreter: Path, course_and_class: tuple[Path, Path], who: int, private: bool, runs_as: int
) -> None:
    """Root's workers become nobody, or stay root without capabilities where nobody cannot read the interpreter."""
    mini, folder = course_and_class
    out = folder.parent / "out"
    out.mkdir()
    os.chown(out, who, who)
    venv = interpreter.parent.parent
    venv.chmod(0o700 if private else 0o755)
    command = [interpreter, "-m", "grader", "--course", mini, "run", folder, "--out", out]
    done = subprocess.run(command, user=who, group=who, extra_groups=[], cwd="/", capture_output=True, text=True)
    venv.chmod(0o755)
    assert done.returncode == 0, done.stdout + done.stderr
    record = json.loads((out / "records" / "ada.json").read_text())
    assert (record["sandbox"]["level"], record["sandbox"]["uid"]) == ("jail", str(runs_as))
    assert {outcome["status"] for module in record["modules"] for outcome in module["outcomes"]} == {"passed"}
