"""The run survives: whoever is killed with -9 and whenever, the same command then ends in the same results.

`make survival` does 200 kills over a class of 50; the suite does a few of each sort.
"""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.marking.workers import missing_features

needs_jail = pytest.mark.skipif(
    bool(missing_features()), reason=f"the jail cannot be enforced here: {'; '.join(missing_features())}"
)
HandIn = Callable[..., Path]
KILLS = int(os.environ.get("KILLS", "10"))
LEARNERS = 50
SEED = 4
TARGETS = ("grader", "grading process", "zygote", "worker", "all")
LONGEST = 120  # seconds for one run over the class, which takes two
DOUBLE, QUAD = "01_double/double.py", "02_quad/quad.py"


@pytest.fixture
def fifty(hand_in: HandIn, right: dict[str, str]) -> Path:
    """A class of 50: right, half right, untouched, one that ends its process, one that never ends."""
    wrong = {DOUBLE: right[DOUBLE].replace("2 * x", "3 * x")}
    dies = {DOUBLE: "import os\n\n\ndef double(x):\n    os._exit(3)\n"}
    for number in range(LEARNERS):
        files = {**right, **(wrong if number % 3 == 1 else dies if number % 7 == 2 else {})}
        folder = hand_in(f"learner{number:02}", {name: f"{text}\n# {number}\n" for name, text in files.items()})
    return folder


def command(mini: Path, folder: Path, out: Path) -> list[str]:
    start = [sys.executable, "-m", "grader", "--course", str(mini), "run", str(folder)]
    return [*start, "--out", str(out), "--seed", "7"]


def results(out: Path) -> dict[str, Any]:
    """Every file of the results but for times: by record, and the rows of grades.csv."""

    def timeless(data: Any) -> Any:
        if isinstance(data, dict):
            return {key: timeless(value) for key, value in data.items() if key != "seconds"}
        return [timeless(value) for value in data] if isinstance(data, list) else data

    found = {file.name: timeless(json.loads(file.read_text("utf-8"))) for file in (out / "records").iterdir()}
    return {**found, "grades.csv": (out / "grades.csv").read_text("utf-8")}


def processes_of(session: int) -> dict[int, tuple[int, str]]:
    """pid -> (parent, command line) of what still runs in a session: whatever a run started, it stays in its own."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            state, parent, _, its_session = (process / "stat").read_text().rsplit(")", 1)[1].split()[:4]
            if int(its_session) == session and state != "Z":
                found[int(process.name)] = int(parent), (process / "cmdline").read_text("utf-8", "replace")
        except (OSError, ValueError):  # it ended while we looked
            continue
    return found


def victims(target: str, run: int) -> list[int]:
    """The processes of one sort in a run."""
    tree = processes_of(run)
    zygotes = [
        p
        for p, (parent, line) in tree.items()
        if "jail.zygote" in line and "jail.zygote" not in tree.get(parent, (0, ""))[1]
    ]
    sorts = {
        "grader": [run],
        "grading process": [p for p, (parent, line) in tree.items() if parent == run and p not in zygotes],
        "zygote": zygotes,
        "worker": [p for p, (parent, _) in tree.items() if parent in zygotes],
        "all": sorted(tree),
    }
    return sorts[target]


def kill_at_some_moment(target: str, running: subprocess.Popen[str], out: Path, rng: random.Random) -> bool:
    """Wait for a random number of records, then kill one of that sort (or all). False: the run was over before."""
    moment = rng.randrange(LEARNERS)
    while running.poll() is None and len([*(out / "records").glob("l*.json")]) < moment:
        time.sleep(0.001)  # only so that the waiting itself takes no time from the run
    while running.poll() is None:
        found = victims(target, running.pid)
        for victim in found if target == "all" else rng.sample(found, min(1, len(found))):
            try:
                os.kill(victim, signal.SIGKILL)
            except ProcessLookupError:
                continue
            if target != "all":
                return True
        if target == "all" and found:
            return True
    return False


@needs_jail
def test_the_same_results_after_any_kill(mini: Path, fifty: Path, tmp_path: Path) -> None:
    """After `kill -9` and the same command again every learner is graded once, as in an undisturbed run."""
    calm = tmp_path / "calm"
    subprocess.run(command(mini, fifty, calm), check=True, capture_output=True, timeout=LONGEST)
    want = results(calm)
    assert len(want) == LEARNERS + 1
    done = dict.fromkeys(TARGETS, 0)
    for number in range(KILLS):
        target = TARGETS[number % len(TARGETS)]
        rng, out = random.Random(f"{SEED}/{number}"), tmp_path / "out"
        line = command(mini, fifty, out)
        running = subprocess.Popen(
            line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
        )
        done[target] += kill_at_some_moment(target, running, out, rng)
        printed, _ = running.communicate(timeout=LONGEST)
        where = f"kill {number} of a {target}, seed {SEED}"
        assert "Traceback" not in printed, (where, printed)
        deadline = time.monotonic() + 30
        while processes_of(running.pid) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert processes_of(running.pid) == {}, where
        again = subprocess.run(line, capture_output=True, text=True, timeout=LONGEST, check=False)
        assert again.returncode == 0, (where, again.stdout + again.stderr)
        assert results(out) == want, where
        shutil.rmtree(out)
    print(f"kills that met the run under way: {done}")
    assert sum(done.values()) >= KILLS * 3 // 4, done  # else the moments are badly chosen, and nothing is shown


def small_files() -> None:
    """A disk that takes 2 KiB a file: writing more fails with an error, as on a full one."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2048, 2048))


@needs_jail
def test_a_full_disk_loses_nothing(mini: Path, hand_in: HandIn, right: dict[str, str], tmp_path: Path) -> None:
    """Where a file cannot be written whole, the run says what, where and what next; no half file is left."""
    folder = hand_in("ada", right)
    line = command(mini, folder, tmp_path / "out")
    full = subprocess.run(line, capture_output=True, text=True, timeout=LONGEST, check=False, preexec_fn=small_files)
    assert full.returncode == 2, full.stdout + full.stderr
    assert "cannot be written" in full.stderr
    assert "free space" in full.stderr
    assert "Traceback" not in full.stderr
    left = [file for file in (tmp_path / "out").rglob("*") if file.is_file()]
    assert not [file for file in left if ".writing-" in file.name]
    for file in left:
        assert file.suffix != ".json" or json.loads(file.read_text("utf-8"))
    subprocess.run(line, check=True, capture_output=True, timeout=LONGEST)
    assert results(tmp_path / "out")["ada.json"]["learner"] == "ada"


@needs_jail
def test_a_hand_in_removed_in_mid_run(mini: Path, fifty: Path, tmp_path: Path) -> None:
    """A folder that vanishes after the run has begun is named; the others are graded."""
    out = tmp_path / "out"
    running = subprocess.Popen(command(mini, fifty, out), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    while running.poll() is None and not [*(out / "records").glob("l*.json")]:
        time.sleep(0.001)
    shutil.rmtree(fifty / "learner49")
    printed, _ = running.communicate(timeout=LONGEST)
    assert running.returncode == 1, printed
    assert "learner49" in printed.split("not graded")[1]
    assert len([*(out / "records").iterdir()]) == LEARNERS - 1


CLOCK = """
import random, sys, time
real, jumps = time.time, random.Random(1)
time.time = lambda: real() + jumps.choice([-1e6, -3600.0, 0.0, 3600.0, 1e6])
from grader.cli import main
main(sys.argv[1:])
"""


@needs_jail
def test_a_clock_that_jumps(mini: Path, hand_in: HandIn, right: dict[str, str], tmp_path: Path) -> None:
    """Time of day that jumps by days changes no result: deadlines are counted on the monotonic clock."""
    folder = hand_in("ada", right)
    subprocess.run(command(mini, folder, tmp_path / "calm"), check=True, capture_output=True, timeout=LONGEST)
    line = command(mini, folder, tmp_path / "out")
    done = subprocess.run(
        [line[0], "-c", CLOCK, *line[3:]], capture_output=True, text=True, timeout=LONGEST, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert results(tmp_path / "out") == results(tmp_path / "calm")


@needs_jail
def test_the_number_of_processes_changes_nothing(mini: Path, fifty: Path, tmp_path: Path) -> None:
    """The same seed gives the same records with one process and with three."""
    for jobs in ("1", "3"):
        line = [*command(mini, fifty, tmp_path / jobs), "--jobs", jobs]
        subprocess.run(line, check=True, capture_output=True, timeout=LONGEST)
    assert results(tmp_path / "1") == results(tmp_path / "3")


@needs_jail
def test_a_read_only_output_folder(mini: Path, hand_in: HandIn, right: dict[str, str]) -> None:
    """Where nothing can be written the run ends before anything is graded: what, where, what next; exit code 2."""
    out = Path("/proc/results")  # read-only for root too
    done = subprocess.run(
        command(mini, hand_in("ada", right), out), capture_output=True, text=True, timeout=LONGEST, check=False
    )
    assert done.returncode == 2, done.stdout + done.stderr
    assert f"{out}" in done.stderr
    assert "cannot be written" in done.stderr
    assert "check rights" in done.stderr
    assert "Traceback" not in done.stderr
