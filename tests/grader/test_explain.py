"""`grader explain`, `similar`, `export` and `package` as typed: what an instructor sees, and what goes wrong."""

from __future__ import annotations

import csv
import json
import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

HandIn = Callable[..., Path]
DOUBLE, QUAD = "01_double/double.py", "02_quad/quad.py"
TRIPLE = "def double(x):\n    if x < 0:\n        raise ValueError('no')\n    return 3 * x\n"


def grader(course: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "grader", "--course", str(course), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the first test's results are kept: the others' are the same."""
    return tmp_path_factory.mktemp("once") / "out"


@pytest.fixture
def results(mini: Path, hand_in: HandIn, right: dict[str, str], once: Path) -> Path:
    """A graded class: ada is right, bea's first step is wrong, and cleo handed in the second step alone."""
    hand_in("ada", right)
    hand_in("bea", right | {DOUBLE: TRIPLE})
    folder = hand_in("cleo", {QUAD: right[QUAD]})
    out = folder.parent / "out"
    if not once.exists():
        done = grader(mini, "run", folder, "--out", out, "--seed", 7)
        assert done.returncode == 0, done.stdout + done.stderr
        shutil.copytree(out, once)
    else:
        shutil.copytree(once, out)
        run = json.loads((out / "run.json").read_text("utf-8"))
        (out / "run.json").write_text(json.dumps(run | {"submissions": str(folder)}), encoding="utf-8")
    return out


def test_a_failed_check_is_shown_whole(mini: Path, results: Path) -> None:
    """Question, inputs, expected values and answers, where they differ, the hidden test's line, and the record."""
    done = grader(mini, "explain", "bea", "01_double", "--out", results, "--check", "test_twice")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("For instructors: hidden inputs and expected values are below. Do not forward.")
    for line in (
        "failed   test_twice (3 points), tests/hidden/01_double/test_double.py:",
        "promise   double(x) is 2 x.",
        "record    failed: the answer has a wrong value",
        "hint      What is 2 * x?",
        "over the learner's own earlier steps: failed: the answer has a wrong value",
        "the hidden test ended at line ",
        "asked ",
        "expected  ",
        "got       ",
    ):
        assert line in done.stdout, line
    asked, expected, got = (
        float(line.split()[-1].strip("[]"))
        for word in ("asked     ", "expected  ", "got       ")
        for line in done.stdout.splitlines()
        if word in line
    )
    assert (expected, got) == (pytest.approx(2 * asked), pytest.approx(3 * asked))


def test_the_command_it_prints_shows_the_same(mini: Path, results: Path) -> None:
    """The last line is a command that runs exactly this check again."""
    first = grader(mini, "explain", "bea", "01_double", "--out", results, "--check", "test_twice")
    printed = first.stdout.splitlines()[-1].split("again     ")[1]
    again = grader(mini, *shlex.split(printed)[1:])
    assert again.stdout == first.stdout


def test_both_chains(mini: Path, results: Path) -> None:
    """A step that is right on top of the reference shows both: how it fails on its own, and that it passes there."""
    done = grader(mini, "explain", "bea", "02_quad", "--out", results)
    assert "passed   test_four_times" in done.stdout
    assert "over the learner's own earlier steps: failed" in done.stdout
    assert "over the reference's earlier steps: passed" in done.stdout


def test_a_passed_check_is_short_and_full_on_demand(mini: Path, results: Path) -> None:
    """Where all is well there is a line or two; --full shows questions and the probe's source."""
    short = grader(mini, "explain", "ada", "01_double", "--out", results).stdout
    assert "asked" not in short
    full = grader(mini, "explain", "ada", "01_double", "--out", results, "--full").stdout
    assert "asked" in full
    assert "def " in full.split("probe ", 1)[1]


def test_another_seed_asks_something_else(mini: Path, results: Path) -> None:
    """--seed takes other inputs, and the printed command has it."""
    of = ("explain", "bea", "01_double", "--out", results, "--check", "test_twice")
    other = grader(mini, *of, "--seed", 8).stdout
    assert "--seed 8" in other
    line = next(line for line in other.splitlines() if "asked     " in line)
    assert line not in grader(mini, *of).stdout


def test_it_says_when_the_record_differs(mini: Path, results: Path) -> None:
    """A record that says something else than the run now is pointed out, and the exit code is 1."""
    file = results / "records" / "ada.json"
    record = json.loads(file.read_text("utf-8"))
    record["modules"][0]["outcomes"][0] |= {"status": "failed", "cause": "wrong", "reason": "made up"}
    file.write_text(json.dumps(record), encoding="utf-8")
    done = grader(mini, "explain", "ada", "01_double", "--out", results)
    assert done.returncode == 1
    assert "DIFFERS" in done.stdout
    assert "record    failed: made up" in done.stdout


def test_it_says_when_the_hand_in_has_changed(mini: Path, results: Path) -> None:
    """What was handed in later is not what was graded, and that is said first."""
    file = results.parent / "class" / "bea" / "exercises" / DOUBLE
    file.write_text(TRIPLE.replace("3", "2"), encoding="utf-8")
    done = grader(mini, "explain", "bea", "01_double", "--out", results)
    assert done.stdout.startswith("What is handed in has changed since it was graded")


def test_as_data(mini: Path, results: Path) -> None:
    """--json gives the same as data."""
    done = grader(mini, "explain", "bea", "01_double", "--out", results, "--json", "--check", "test_twice")
    (found,) = json.loads(done.stdout)
    assert (found["check"], found["passed"], found["agrees"]) == ("test_twice", False, True)
    (case,) = found["runs"][0]["questions"][0]["cases"]
    assert case["got"] == pytest.approx(1.5 * case["expected"])


def test_loops_and_control_characters(mini: Path, hand_in: HandIn, right: dict[str, str], tmp_path: Path) -> None:
    """Code that loops ends at its limit, and what a learner raises cannot act on the terminal."""
    hand_in("loop", right | {DOUBLE: "def double(x):\n    while True:\n        pass\n"})
    folder = hand_in("paint", right | {DOUBLE: "def double(x):\n    raise KeyError('\\x1b[31mred\\u202e')\n"})
    out = folder.parent / "out"
    assert grader(mini, "run", folder, "--out", out, "--seed", 7).returncode == 0
    done = grader(mini, "explain", "loop", "01_double", "--out", out, "--check", "test_twice")
    assert "took longer than 1 s of CPU time" in done.stdout
    painted = grader(mini, "explain", "paint", "01_double", "--out", out).stdout
    assert "KeyError" in painted
    assert "\x1b" not in painted
    assert "\u202e" not in painted


def test_what_counts_in_the_end(mini: Path, results: Path) -> None:
    """Points by hand stand beside the verdict that they replace, and lateness and reasons above the module's checks."""
    manifest = mini / "course.toml"
    term = "[term]\ndeadline = 2026-11-30T12:00:00Z\nlate_per_day = 0.5\n[limits]"
    manifest.write_text(manifest.read_text("utf-8").replace("[limits]", term, 1), encoding="utf-8")
    (results / "overrides.toml").write_text(
        '[[override]]\nlearner = "ada"\nmodule = "01_double/pure"\ncheck = "test_twice"\n'
        'points = 0\nreason = "copied"\n'
        '[[extension]]\nlearner = "ada"\nuntil = 2026-12-02T12:00:00Z\nreason = "ill"\n'
    )
    shown = grader(mini, "explain", "ada", "01_double", "--out", results).stdout
    assert "01_double/pure: 1 of 4 points count\n    it is not known when this was handed in" in shown
    assert "    extension until 2026-12-02 12:00 UTC: ill\n" in shown
    assert re.search(r"passed   test_twice \(3 points\).*\n    COUNTS    0 points by hand: copied\n", shown)
    assert "COUNTS" not in shown.split("test_negative")[1]
    found = json.loads(grader(mini, "explain", "ada", "01_double", "--out", results, "--json").stdout)
    assert [one["by_hand"] for one in found] == ["0 points by hand: copied", ""]


def test_a_name_serves_as_well_as_an_id(mini: Path, results: Path) -> None:
    """A name of the roster that one learner has, in any capitals; of two people's it says whose it is."""
    names = {"ada": "Ada Lovelace", "bea": "Bea Smith", "cleo": "bea smith"}
    known = json.loads((results / "class.json").read_text("utf-8"))
    known["roster"] = [{"id": who, "name": name, "cells": {}} for who, name in names.items()]
    (results / "class.json").write_text(json.dumps(known), encoding="utf-8")
    by_id = grader(mini, "explain", "ada", "01_double", "--out", results)
    for name in ("ADA lovelace", "Ada"):
        assert grader(mini, "explain", name, "01_double", "--out", results).stdout == by_id.stdout
    twice = grader(mini, "explain", "Bea Smith", "01_double", "--out", results)
    assert (twice.returncode, "Bea Smith may be bea or cleo\n  give the id" in twice.stderr) == (2, True)
    near = grader(mini, "explain", "Ada Lovelase", "01_double", "--out", results)
    assert "there is Ada Lovelace" in near.stderr


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (("beaa", "01_double"), "beaa is not in these results, or handed in nothing\n  there is bea"),
        (("bea", "01_doubel"), "there is no step 01_doubel"),
        (("bea", "01_double", "--check", "test_twise"), "01_double has no check test_twise\n  there is test_twice"),
        (("bea", "01_double", "--track", "torch"), "there is no track torch"),
        (("bea", "01_double", "--attempt", "two"), "bea, two: is not there"),
        (("bea", "01_double", "--submissions", "nowhere"), "nowhere: does not exist"),
    ],
)
def test_what_is_not_there(mini: Path, results: Path, arguments: tuple[str, ...], what: str) -> None:
    """An unknown learner, step, check, track, attempt or folder is an error that says what is there."""
    done = grader(mini, "explain", *arguments, "--out", results)
    assert (done.returncode, done.stdout) == (2, "")
    assert what in done.stderr


def test_a_module_that_was_not_handed_in(mini: Path, results: Path) -> None:
    """There is nothing to run, and that is said."""
    done = grader(mini, "explain", "cleo", "01_double", "--out", results)
    assert done.returncode == 0, done.stderr
    assert "not handed in test_twice" in done.stdout


def test_similar_writes_its_page_and_flags(mini: Path, results: Path) -> None:
    """The page is there, the report is written anew, and short answers are said to say nothing."""
    done = grader(mini, "similar", results)
    assert done.returncode == 0, done.stderr
    assert "3 learners compared, 0 pairs flagged: evidence to look at, not a verdict." in done.stdout
    assert "here these say nothing: 01_double/pure, 02_quad/pure" in (results / "similar.html").read_text("utf-8")
    (results / "similar.json").write_text('{"near_identical": [["ada", "bea", 0.97]]}', encoding="utf-8")
    assert grader(mini, "rescore", results).returncode == 0
    assert "97 %" in (results / "report.html").read_text("utf-8")


@pytest.mark.parametrize("target", ["canvas", "moodle", "csv", "json"])
def test_exports_are_files(mini: Path, results: Path, tmp_path: Path, target: str) -> None:
    """Each has all three learners with their totals; the same again replaces it."""
    into = tmp_path / f"grades.{target}"
    for _ in range(2):
        done = grader(mini, "export", results, "--to", target, "--into", into)
        assert done.returncode == 0, done.stderr
    text = into.read_text("utf-8")
    if target == "json":
        assert {one["learner"]: one["total"] for one in json.loads(text)["learners"]} == {"ada": 8, "bea": 5, "cleo": 4}
    else:
        cells = [row for row in csv.reader(text.splitlines()) if {"ada", "bea", "cleo"} & set(row)]
        assert [next(cell for cell in row[::-1] if cell.isdigit()) for row in cells] == ["8", "5", "4"]


@pytest.mark.parametrize("target", ["csv", "json", "gradescope"])
@pytest.mark.parametrize("option", ["--per step", "--zeros"])
def test_options_without_effect_are_refused(
    mini: Path, results: Path, tmp_path: Path, target: str, option: str
) -> None:
    """Where columns cannot be chosen, choosing them is an error, and no file is made."""
    done = grader(mini, "export", results, "--to", target, "--into", tmp_path / "made", *option.split())
    assert done.returncode == 2
    assert f"{option.split()[0]} is for canvas and moodle; {target} has every module as it is" in done.stderr
    assert not (tmp_path / "made").exists()


def test_gradescope_gets_a_file_for_each(mini: Path, results: Path, tmp_path: Path) -> None:
    """Into a new folder; one that holds something is not touched."""
    into = tmp_path / "gradescope"
    assert grader(mini, "export", results, "--to", "gradescope", "--into", into).returncode == 0
    assert sorted(file.name for file in into.iterdir()) == ["ada.json", "bea.json", "cleo.json"]
    assert json.loads((into / "bea.json").read_text("utf-8"))["score"] == 5
    done = grader(mini, "export", results, "--to", "gradescope", "--into", into)
    assert (done.returncode, "is not empty" in done.stderr) == (2, True)


def test_the_package_is_made(mini: Path, tmp_path: Path) -> None:
    """`grader package gradescope` writes the zip, and says what --sandbox none means."""
    done = grader(mini, "package", "gradescope", tmp_path / "a.zip", "--step", "01_double")
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(tmp_path / "a.zip") as whole:
        assert {"setup.sh", "run_autograder", "README.md"} <= set(whole.namelist())
    done = grader(mini, "package", "gradescope", tmp_path / "b.zip", "--sandbox", "none")
    assert "runs there as root beside the hidden tests" in done.stderr
