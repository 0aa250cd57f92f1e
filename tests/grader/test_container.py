"""The Dockerfile fits the project and the page that has its flags: what can drift.

Where an engine has the image, the page's command is run as it stands there.
"""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import tempfile
import tomllib
from pathlib import Path, PurePosixPath

import pytest
from packaging.specifiers import SpecifierSet

from grader.marking.workers import missing_features

ROOT = Path(__file__).resolve().parents[2]
IMAGE = "microgpt-grader"
LEFT_BEHIND = ("__pycache__", "my_gpt")  # by trying out the course
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
TEXT = (ROOT / "Dockerfile").read_text("utf-8")
STEPS = [line.split(maxsplit=1) for line in TEXT.replace("\\\n", " ").splitlines() if line and not line.startswith("#")]
PATTERNS = [line for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line and line[0] != "#"]
PAGE = (ROOT / "SECURITY.md").read_text("utf-8").partition("## In a container\n")[2].partition("\n## ")[0]


def steps(word: str) -> list[str]:
    """What stands after `word` in the Dockerfile, in order."""
    return [rest for first, rest in STEPS if first == word]


def copied() -> list[str]:
    return [source for rest in steps("COPY") for source in rest.split()[:-1]]


def is_sent(path: str) -> bool:
    """Whether `path` goes to the engine: the last pattern decides that matches it or a folder above it."""
    sent = True
    places = [str(place) for place in (PurePosixPath(path), *PurePosixPath(path).parents) if place.name]
    for pattern in PATTERNS:
        form = re.escape(pattern.removeprefix("!")).replace(r"\*\*/", "(.*/)?").replace(r"\*", "[^/]*")
        if any(re.fullmatch(form, place) for place in places):
            sent = pattern.startswith("!")
    return sent


def command() -> str:
    """The page's `docker run`, on one line."""
    joined = PAGE.replace("\\\n", " ")
    return next(" ".join(line.split()) for line in joined.splitlines() if line.startswith("    docker run "))


def test_its_python_is_one_that_the_project_takes() -> None:
    """The one image that it starts from is a Python within requires-python."""
    (base,) = steps("FROM")
    found = re.fullmatch(r"python:(3\.\d+)-slim-[a-z]+", base)
    assert found, base
    assert found[1] in SpecifierSet(PROJECT["requires-python"])


def test_it_installs_what_the_project_names() -> None:
    """Torch in the project's own range, before the rest would fetch another; extras that there are; no address."""
    first, *rest = [step for step in steps("RUN") if "pip install" in step]
    (torch,) = [need for need in PROJECT["dependencies"] if need.startswith("torch")]
    assert f'"{torch}"' in first
    extras = [name for step in rest for found in re.findall(r'"\.\[([\w,]+)\]"', step) for name in found.split(",")]
    assert extras == ["cluster"]
    assert set(extras) <= set(PROJECT["optional-dependencies"])
    assert "://" not in TEXT


def test_what_it_copies_is_there_and_is_sent() -> None:
    """Each source exists, and .dockerignore keeps back none of its files: they are the grader and its course."""
    assert {"grader", "course.toml", "exercises", "solutions", "tests/hidden", "pyproject.toml"} <= set(copied())
    for source in copied():
        place = ROOT / source
        files = [path for path in place.rglob("*") if path.is_file()] if place.is_dir() else [place]
        assert files
        assert all(path.exists() for path in files)
        names = [path.relative_to(ROOT) for path in files]
        ours = [name for name in names if not any(part in LEFT_BEHIND or part[0] == "." for part in name.parts)]
        assert [name for name in ours if not is_sent(name.as_posix())] == []


@pytest.mark.parametrize(
    "path",
    [
        ".git/config", ".venv/bin/python", ".ci/run", ".env", "build/demo/report.html", "results/records/ada.json",
        "out/grades.csv", "class/ada/value.py", "tests/submissions/perfect/verdict.toml", "tests/grader/grades.py",
        "grader/__pycache__/course.pyc", "grader/cli/__pycache__/run.pyc", "exercises/my_gpt/model.json",
        "exercises/01_value/.ipynb_checkpoints/value-checkpoint.ipynb", "microgpt_course.egg-info/PKG-INFO",
        "Dockerfile", "solutions/.env",
    ],
)  # fmt: skip
def test_nothing_else_is_sent(path: str) -> None:
    """Neither the repository's history, nor somebody's work, results and secrets, get near the engine."""
    assert not is_sent(path)


def test_it_runs_as_an_ordinary_user() -> None:
    """The last USER is a number, as Kubernetes wants for runAsNonRoot, and not 0; any command can be given."""
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", steps("USER")[-1])
    assert not steps("ENTRYPOINT")
    assert steps("CMD") == ['["grader", "doctor"]']


def test_the_page_has_every_flag_and_its_reason() -> None:
    """The documented command has the flags that make the container tight; each is explained, and none loosens it."""
    flags = set(re.findall(r"(?<= )--[a-z-]+(?: (?:ALL|none|no-new-privileges))?", command().partition(IMAGE)[0]))
    assert {
        "--network none", "--read-only", "--tmpfs", "--cap-drop ALL", "--security-opt no-new-privileges", "--user",
        "--init", "--pids-limit", "--memory",
    } <= flags  # fmt: skip
    reasons = PAGE.partition("\n- `")[2]
    assert [flag for flag in flags - {"--rm"} if flag not in reasons] == []
    assert not {"--privileged", "--cap-add", "--device", "--pid"} & {flag.split()[0] for flag in flags}
    assert not re.search(r"unconfined|--network host|:rw|docker\.sock", command())
    assert f"--tag {IMAGE} ." in PAGE
    assert "**It holds the solutions and the hidden tests, and is not\nfor learners.**" in PAGE
    assert all(f"ARG {name}=" in TEXT for name in re.findall(r"--build-arg (\w+)=", PAGE))


def test_without_a_temporary_folder_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """With --read-only and without --tmpfs it is one sentence, before anything is tried (by a stand-in)."""

    def nowhere() -> str:
        raise FileNotFoundError("No usable temporary directory found")

    assert not any("temporary" in problem for problem in missing_features())
    monkeypatch.setattr(tempfile, "gettempdir", nowhere)
    assert "docker run --tmpfs /tmp" in missing_features()[-1]


def engine_has_the_image() -> bool:
    docker = shutil.which("docker")
    return bool(docker) and subprocess.run(["docker", "image", "inspect", IMAGE], capture_output=True).returncode == 0


def test_the_documented_command_grades(tmp_path: Path) -> None:
    """The page's command, as it stands there, grades a class: right work passes, and workers are in the jail."""
    if not engine_has_the_image():
        pytest.skip(f"no engine here that has the image {IMAGE}: SECURITY.md says how to build it")
    ids = (os.getuid(), os.getgid()) if os.getuid() else (10001, 10001)  # as root refuses to: see the page
    (tmp_path / "results").mkdir()
    os.chown(tmp_path / "results", *ids)
    for learner in ("perfect", "reads_the_tests"):
        shutil.copytree(ROOT / "tests" / "submissions" / learner, tmp_path / "class" / learner)
    said = command().replace("$(id -u):$(id -g)", "{}:{}".format(*ids)) + " --step 03_softmax"
    done = subprocess.run(["sh", "-c", said], cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    record = json.loads((tmp_path / "results" / "records" / "perfect.json").read_text("utf-8"))
    assert (record["sandbox"]["level"], record["sandbox"]["uid"]) == ("jail", str(ids[0]))
    with (tmp_path / "results" / "grades.csv").open(encoding="utf-8", newline="") as file:
        totals = {row["learner"]: float(row["total"]) for row in csv.DictReader(file)}
    assert totals == {"perfect": 20.0, "reads_the_tests": 0.0}
