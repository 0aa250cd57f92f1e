"""The verdict corpus: every submission in tests/submissions gets, check by check, the verdict written down for it.

Runs the grader once, as an instructor does. A folder there is named for what it shows; its verdict.toml holds

    about = "What this learner did."

    ["03_softmax/pure"]
    all = "passed"                           # every check that is not named below
    test_large_logits = "failed: wrong"

    [says]                                   # text that the reason shown to the learner must contain
    "03_softmax/pure test_large_logits" = "overflow"

Verdicts are `passed`, `passed on reference`, `failed: CAUSE` and `not run`. Without a table the module is `failed:
missing`.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from grader import course as courses
from grader.course import Course, Module

ROOT = Path(__file__).resolve().parents[2]
SUBMISSIONS = ROOT / "tests" / "submissions"
SITUATIONS = sorted(path.name for path in SUBMISSIONS.iterdir() if path.is_dir())
SEED = 20
LONGEST_RUN = 600  # seconds: ten times what it takes, for a busy machine


@pytest.fixture(scope="module")
def course() -> Course:
    return courses.load(ROOT)


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output folder of one run over all situations."""
    out = tmp_path_factory.mktemp("submissions") / "out"
    command = [sys.executable, "-m", "grader", "run", str(SUBMISSIONS), "--out", str(out), "--seed", str(SEED)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LONGEST_RUN, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return out


def written_down(situation: str) -> dict[str, Any]:
    """The verdict.toml of a situation; empty when there is none."""
    file = SUBMISSIONS / situation / "verdict.toml"
    return tomllib.loads(file.read_text("utf-8")) if file.is_file() else {}


def expected(module: Module, verdicts: dict[str, Any]) -> dict[str, str]:
    """The verdict that each check of a module ought to get."""
    table = verdicts.get(module.key, {"all": "failed: missing"})
    return {check: table.get(check, table.get("all", "(nothing is written down)")) for check in module.checks}


def outcomes(out: Path, situation: str) -> dict[tuple[str, str], dict[str, Any]]:
    """What the record holds, by module and check."""
    record = json.loads((out / "records" / f"{situation}.json").read_text("utf-8"))
    return {
        (f"{module['step']}/{module['track']}", outcome["check"]): outcome
        for module in record["modules"]
        for outcome in module["outcomes"]
    }


def verdict(outcome: dict[str, Any]) -> str:
    """An outcome in the words of verdict.toml."""
    if outcome["status"] == "passed":
        return "passed" if outcome["chain"] == "own" else "passed on reference"
    return f"failed: {outcome['cause']}" if outcome["status"] == "failed" else str(outcome["status"])


@pytest.mark.parametrize("situation", SITUATIONS)
def test_every_check_gets_its_verdict(situation: str, graded: Path, course: Course) -> None:
    """A submission's record holds the verdicts and the reasons that are written down, no more and no fewer."""
    verdicts, found = written_down(situation), outcomes(graded, situation)
    want = {(module.key, name): v for module in course.modules() for name, v in expected(module, verdicts).items()}
    assert found.keys() == want.keys()
    differences = [
        f"{f'{key[0]} {key[1]}':<62} {want[key]:<20} {verdict(found[key]):<20} {found[key]['reason']}"
        for key in want
        if verdict(found[key]) != want[key]
    ]
    for place, text in verdicts.get("says", {}).items():
        module, _, check = place.partition(" ")
        reason = found[module, check]["reason"]
        if text not in reason:
            differences.append(f"{place}: its reason should contain {text!r}, but is {reason!r}")
    head = f"{'check':<62} {'ought to be':<20} {'is':<20} reason"
    assert not differences, "\n".join([situation, head, *differences])


@pytest.mark.parametrize("situation", SITUATIONS)
def test_every_situation_says_what_it_shows(situation: str, course: Course) -> None:
    """verdict.toml has a sentence, names only modules and checks that exist, and only verdicts that there are."""
    verdicts = written_down(situation)
    assert str(verdicts.pop("about", "")).endswith("."), "verdict.toml needs about = one sentence"
    checks = {module.key: set(module.checks) for module in course.modules()}
    says = verdicts.pop("says", {})
    causes = ("wrong", "raised", "timed out", "died", "forbidden", "missing")
    known = {"passed", "passed on reference", "not run", *(f"failed: {cause}" for cause in causes)}
    for place in says:
        module, _, check = place.partition(" ")
        assert check in checks.get(module, ()), f"[says] names {place}, which does not exist"
    for module, table in verdicts.items():
        assert module in checks, f"there is no module {module}"
        unknown = set(table) - {"all"} - checks[module]
        assert not unknown, f"{module} has no {sorted(unknown)}"
        assert set(table.values()) <= known, f"{module} has an unknown verdict"


def test_points_follow_from_verdicts(graded: Path, course: Course) -> None:
    """grades.csv has one row for each situation, with the points of the checks that ought to pass."""
    with (graded / "grades.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["learner", *(module.key for module in course.modules()), "total", "status"]
    want = {}
    for situation in SITUATIONS:
        verdicts = written_down(situation)
        earned = [points(module, expected(module, verdicts)) for module in course.modules()]
        want[situation] = [*earned, sum(earned)]
    found = {learner: [float(cell) for cell in cells] for learner, *cells, _ in rows}
    assert list(found) == sorted(want)
    # grades.csv rounds to hundredths of a point
    wrong = {s: found[s] for s in want if found[s] != pytest.approx(want[s], abs=0.006)}
    assert not wrong, "\n".join(f"{s}: got {row}, ought to be {want[s]}" for s, row in wrong.items())


def points(module: Module, verdicts: dict[str, str]) -> float:
    return sum(module.checks[check].points for check, v in verdicts.items() if v.startswith("passed"))
