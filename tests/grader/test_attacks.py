"""The attack corpus: every hand-in of tests/attacks gains nothing, lets nothing out and stops nobody.

A folder there is one technique: the files of a hand-in (`NN_step/name.py`) and an attack.toml with

    about = "One sentence: what it tries."
    control = "Python that runs beside those files without the jail, and fails unless the attack does what it says."
    control_ends = 0            # how the control ends: an exit status, or the name of the signal that has to end it;
                                # with status 77 it prints why this machine cannot show it, and is skipped
    no_control = "Why there is no control."           # instead of those two
    says = "PermissionError"    # what one of the reasons in the record holds
    notes = "left out"          # what one of the notes in the record holds
    learner = "=1+1"            # the hand-in's name, where that is the attack
    setup = "Python that makes what a repository cannot hold; `folder` is the hand-in's folder, `place` has the others."
    ungraded = "..."            # the hand-in cannot be graded, and the reason that the instructor reads holds this

Files, setup and control may name what an attacker would look for: @COURSE@, @CLASS@, @HOME@ and @OUT@ are its folders.
Canaries stand in the hidden suites, the solutions, another learner's files, the environment, the home folder and the
results; a control may name them: @CANARY_SUITES@ and so on.

All hand-ins are graded in one run, each with an honest neighbour, as an instructor does it.
"""

from __future__ import annotations

import base64
import csv
import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tomllib
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from grader import intake
from grader.marking.workers import missing_features

ROOT = Path(__file__).resolve().parents[2]
ATTACKS = ROOT / "tests" / "attacks"
NAMES = sorted(path.parent.name for path in ATTACKS.glob("*/attack.toml"))
SEED = 5
CONTROL_CPU_SECONDS = 10  # importing torch takes two
LONGEST_RUN = 900  # seconds: several times what it takes, for a busy machine
NOT_HERE = 77  # as automake's tests say it
SECRETS = ("suites", "solutions", "neighbour", "environment", "home", "results")
LETTERS = "abcdefghijklmnopqrstuvwxyz"
CANARIES = {name: "".join(random.Random(f"canary {name}").choices(LETTERS, k=20)) for name in SECRETS}
# One question may take a second here, or five of waiting, so that endless loops end soon; the suites need a tenth.
LIMITS = {"call_cpu_seconds": 1, "call_wall_seconds": 5, "submission_cpu_seconds": 20, "submission_wall_seconds": 90}

needs_jail = pytest.mark.skipif(
    bool(missing_features()), reason=f"the jail cannot be enforced here: {'; '.join(missing_features())}"
)


def attack(name: str) -> dict[str, Any]:
    return tomllib.loads((ATTACKS / name / "attack.toml").read_text("utf-8"))


@dataclass
class Place:
    """The folders of an instructor, with a canary in each thing that is to stay secret."""

    root: Path
    learners: dict[str, str] = field(default_factory=dict)  # attack -> learner

    def __post_init__(self) -> None:
        self.course, self.classes = self.root / "course", self.root / "class"
        self.home, self.out = self.root / "home", self.root / "out"

    def fill(self, text: str) -> str:
        """`text` with the placeholders filled in."""
        for name, folder in (("COURSE", self.course), ("CLASS", self.classes), ("HOME", self.home), ("OUT", self.out)):
            text = text.replace(f"@{name}@", str(folder))
        return text

    def build(self) -> None:
        """The course with its canaries, an honest learner, a home folder and results of an earlier run."""
        for part in ("course.toml", "exercises", "solutions", "tests/hidden"):
            copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
            (self.course / part).parent.mkdir(parents=True, exist_ok=True)
            copy(ROOT / part, self.course / part)
        manifest = (self.course / "course.toml").read_text("utf-8")
        for key, value in LIMITS.items():
            manifest, found = re.subn(rf"(?m)^{key} = \d+", f"{key} = {value}", manifest)
            assert found == 1, key
        (self.course / "course.toml").write_text(manifest, "utf-8")
        for file in (self.course / "tests" / "hidden").glob("**/*.py"):
            if file.name.startswith(("test_", "conftest")):
                append(file, "suites")
        for file in (self.course / "solutions").glob("*/*.py"):
            append(file, "solutions")
        self.hand_in_honestly("neighbour")
        for file, name in ((self.home / ".netrc", "home"), (self.out / "records" / "earlier.json", "results")):
            file.parent.mkdir(parents=True)
            file.write_text(f'"{CANARIES[name]}"\n')
        (self.out / "run.json").write_text(json.dumps({"seed": SEED}))
        for file in self.root.rglob("*"):
            file.chmod(0o755 if file.is_dir() else 0o644)  # only the jail stands before them

    def hand_in_honestly(self, learner: str) -> None:
        """The right answers to 03_softmax."""
        for name in ("softmax.py", "softmax_torch.py"):
            file = self.classes / learner / "03_softmax" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / "solutions" / "03_softmax" / name, file)
            append(file, "neighbour")

    def hand_in(self, name: str) -> Path:
        """The files of an attack, and what its setup makes."""
        told = attack(name)
        folder = self.classes / str(told.get("learner", name))
        for file in sorted((ATTACKS / name).rglob("*")):
            if file.is_file() and file.name != "attack.toml" and "__pycache__" not in file.parts:
                target = folder / file.relative_to(ATTACKS / name)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(self.fill(file.read_text("utf-8")), "utf-8", newline="")
        folder.mkdir(exist_ok=True)
        exec(self.fill(told.get("setup", "")), {"folder": folder, "place": self})
        return folder


def append(file: Path, secret: str) -> None:
    with file.open("a", encoding="utf-8") as out:
        out.write(f'\n\n_CANARY = "{CANARIES[secret]}"\n')


@pytest.fixture
def alone(tmp_path: Path) -> Place:
    """A place for one attack, without jail and grader."""
    place = Place(tmp_path)
    place.build()
    return place


def limited() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CONTROL_CPU_SECONDS, CONTROL_CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


@pytest.mark.parametrize("name", NAMES)
def test_the_attack_works_without_the_jail(name: str, alone: Place) -> None:
    """The positive control: in a plain process, beside what it looks for, the attack does what it says."""
    told = attack(name)
    if "no_control" in told:
        assert len(told["no_control"]) > 20, "say why"
        return
    folder = alone.hand_in(name)
    control = alone.fill(told["control"])
    for secret, canary in CANARIES.items():
        control = control.replace(f"@CANARY_{secret.upper()}@", canary)
    steps = [str(path) for path in sorted(folder.glob("*/"))]
    given = [str(path) for path in sorted((alone.course / "exercises").glob("[0-9]*/"))]
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(alone.home),
        "PYTHONPATH": os.pathsep.join([str(ATTACKS), *steps, *given]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "SECRET": CANARIES["environment"],
    }
    done = subprocess.run(
        [sys.executable, "-c", control],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False, preexec_fn=limited,
    )  # fmt: skip
    ends = told.get("control_ends", 0)
    if done.returncode == NOT_HERE:
        pytest.skip(f"{name}: {done.stdout.strip()}")
    ended = signal.Signals(-done.returncode).name if done.returncode < 0 else done.returncode
    assert ended == ends, done.stdout[-2000:] + done.stderr[-2000:]


@dataclass
class Graded:
    place: Place
    done: subprocess.CompletedProcess[str]
    records: dict[str, dict[str, Any]]  # by learner


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """One run over all attacks and their neighbours."""
    place = Place(tmp_path_factory.mktemp("attacks"))
    place.build()
    for name in NAMES:
        place.learners[name] = intake.single(place.hand_in(name)).learner
        place.hand_in_honestly(f"{name} neighbour")
    command = [sys.executable, "-m", "grader", "--course", str(place.course), "run", str(place.classes)]
    environment = os.environ | {"HOME": str(place.home), "SECRET": CANARIES["environment"]}
    done = subprocess.run(
        [*command, "--out", str(place.out)],
        cwd=place.root, env=environment, capture_output=True, text=True, timeout=LONGEST_RUN, check=False,
    )  # fmt: skip
    (place.out / "records" / "earlier.json").unlink()  # the one file that was there before
    found = [json.loads(file.read_text("utf-8")) for file in (place.out / "records").iterdir()]
    return Graded(place, done, {record["learner"]: record for record in found})


def passed(record: dict[str, Any]) -> list[str]:
    """The checks that a record says were passed."""
    return [
        f"{module['step']}/{module['track']} {outcome['check']}"
        for module in record["modules"]
        for outcome in module["outcomes"]
        if outcome["status"] == "passed"
    ]


@needs_jail
@pytest.mark.parametrize("name", NAMES)
def test_it_earns_no_mark(name: str, graded: Graded) -> None:
    """No check passes: no more than on untouched stubs, which earn nothing in any module."""
    told, learner = attack(name), graded.place.learners[name]
    if "ungraded" in told:
        assert learner not in graded.records
        assert any(learner in line and told["ungraded"] in line for line in lines_of(graded.done.stdout))
    else:
        assert learner in graded.records, graded.done.stdout[-2000:]
        assert passed(graded.records[learner]) == []
        outcomes = [o for module in graded.records[learner]["modules"] for o in module["outcomes"]]
        assert {o["status"] for o in outcomes} <= {"failed", "not run"}
        reasons = {o["reason"] for o in outcomes if o["cause"] != "missing"}
        assert "says" not in told or any(told["says"] in reason for reason in reasons), reasons
        notes = graded.records[learner]["notes"]
        assert "notes" not in told or any(told["notes"] in note for note in notes), notes


def lines_of(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("  ")]


@needs_jail
@pytest.mark.parametrize("name", NAMES)
def test_its_neighbour_has_all_marks(name: str, graded: Graded) -> None:
    """The honest learner who is graded beside it passes every check of what was handed in, with no note."""
    record = graded.records[f"{name} neighbour"]
    outcomes = [o for module in record["modules"] if module["step"] == "03_softmax" for o in module["outcomes"]]
    assert [o["check"] for o in outcomes if o["status"] != "passed"] == []
    assert record["notes"] == []


def shapes(canary: str) -> tuple[list[str], list[str]]:
    """What of a canary to look for among a text's letters, whatever stands between (halves, forwards and backwards),
    and in the text as it is (the same as hex, and base64)."""
    halves = [half[::way] for half in (canary[:10], canary[10:]) for way in (1, -1)]
    coded = [half.encode().hex() for half in halves]
    for shift in range(3):  # base64 looks different at each of three offsets; the last characters may mix with others
        coded.append(base64.b64encode(b"-" * shift + canary.encode()).decode()[4:-4])
    return halves, coded


SHAPES = {name: shapes(canary) for name, canary in CANARIES.items()}


def secrets_in(text: str) -> list[str]:
    letters = re.sub("[^a-z]+", "", text.lower())
    return [
        name
        for name, (halves, coded) in SHAPES.items()
        if any(half in letters for half in halves) or any(code in text for code in coded)
    ]


@pytest.mark.parametrize("secret", SECRETS)
def test_a_canary_would_be_found(secret: str) -> None:
    """The positive control of the search: whole, in half, backwards, spaced, in capitals, as hex and as base64."""
    canary = CANARIES[secret]
    told = [canary, canary[:10], canary[10:], canary[::-1], " ".join(canary), canary.upper(), canary.encode().hex()]
    told += [base64.b64encode(f"{'x' * shift}{canary}yz".encode()).decode() for shift in range(3)]
    assert [secrets_in(f"some text {form} and more") for form in told] == [[secret]] * len(told)
    assert secrets_in("some text and more") == []


@needs_jail
def test_nothing_secret_is_printed(graded: Graded) -> None:
    """No canary in what the run printed."""
    assert secrets_in(graded.done.stdout + graded.done.stderr) == []


@needs_jail
def test_nothing_secret_is_written(graded: Graded) -> None:
    """No canary in any file of the results, by name or by content."""
    files = [file for file in graded.place.out.rglob("*") if file.is_file()]
    assert {"grades.csv", "report.html", "run.json"} <= {file.name for file in files}
    found = {file.name: secrets_in(file.name + file.read_text("utf-8")) for file in files}
    assert {name: secrets for name, secrets in found.items() if secrets} == {}


@needs_jail
def test_the_run_finished_right(graded: Graded) -> None:
    """Everyone is graded but those who could not be; no traceback, no control character, nothing left lying about."""
    ungraded = {graded.place.learners[name] for name in NAMES if "ungraded" in attack(name)}
    everyone = {*graded.place.learners.values(), *(f"{name} neighbour" for name in NAMES), "neighbour"}
    assert graded.done.returncode == (1 if ungraded else 0), graded.done.stdout[-3000:] + graded.done.stderr
    assert set(graded.records) == everyone - ungraded
    assert "Traceback" not in graded.done.stdout + graded.done.stderr
    assert not re.findall(r"[^\n\t -~\u00a0-\U0010ffff]", graded.done.stdout)
    assert sorted(path.name for path in graded.place.out.iterdir()) == [
        ".lock", "class.json", "grader.log", "grades.csv", "learners", "records", "report.html", "run.json",
    ]  # fmt: skip


class Elements(HTMLParser):
    """What a browser would make of a page: elements and the names of their attributes, with how often each is there."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.seen: Counter[str] = Counter()
        self.feed(page.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        tag = "data" if (tag, dict(attrs).get("type")) == ("script", "application/json") else tag  # which is not run
        self.seen.update([tag, *(f"{tag} {name}" for name, _ in attrs)])

    def active(self) -> list[str]:
        return [name for name in self.seen if name in ("script", "img", "iframe", "link") or " on" in name]


@needs_jail
def test_what_is_written_is_inert(graded: Graded) -> None:
    """No formula in grades.csv, one row a learner; nothing but the pages' own elements in them, and one own script."""
    with (graded.place.out / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert len(rows) == 1 + len({*graded.place.learners.values()}) + len(NAMES) + 1  # heading, neighbours
    page = Elements(graded.place.out / "report.html")
    assert (page.active(), page.seen["script"], page.seen["data"]) == (["script"], 1, 1)
    assert "a href" in page.seen
    pages = [Elements(file) for file in (graded.place.out / "learners").glob("*.html")]
    assert len(pages) == len(rows) - 1
    assert not [page.active() for page in pages if page.active()]


@needs_jail
def test_nothing_was_changed(graded: Graded) -> None:
    """The course, the home folder and the honest hand-ins are as they were."""
    again = Place(graded.place.root.parent / "again")
    again.build()
    for part in ("course", "home", "class/neighbour"):
        assert contents(graded.place.root / part) == contents(again.root / part)


def contents(folder: Path) -> dict[str, bytes]:
    files = (file for file in folder.rglob("*") if file.is_file() and "__pycache__" not in file.parts)
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


def test_every_attack_says_what_it_tries() -> None:
    """One sentence each, no unknown key, a control or the reason why there is none; at least eighty of them."""
    known = {"about", "says", "notes", "control", "control_ends", "no_control", "learner", "setup", "ungraded"}
    for name in NAMES:
        told = attack(name)
        assert set(told) <= known, name
        assert told["about"].endswith("."), name
        assert ("control" in told) != ("no_control" in told), name
    assert len(NAMES) >= 80
