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
from collections.abc import Callable, Iterator
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


@pytest.mark.slow
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


class SmallDisk:
    """A file system of its own at `folder`, mounted where only the commands of `inside` see it; `seen` from here."""

    def __init__(self, folder: Path, options: str) -> None:
        folder.mkdir()
        script = f"mount -t tmpfs -o {options} none '{folder}' && echo mounted && exec cat"
        self.folder = folder
        self.holder = subprocess.Popen(
            ["unshare", "--mount", "sh", "-c", script],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.holder.stdout is not None
        self.mounted = self.holder.stdout.readline() == "mounted\n"
        self.seen = Path(f"/proc/{self.holder.pid}/root{folder}")

    def inside(self, line: list[str]) -> list[str]:
        return ["nsenter", f"--target={self.holder.pid}", "--mount", *line]

    def change(self, *line: str) -> None:
        subprocess.run(self.inside([*line]), check=True, capture_output=True, timeout=LONGEST)

    def close(self) -> str:
        """Unmount, by ending the last process that has it. What mount had to say."""
        return self.holder.communicate(timeout=LONGEST)[1].strip()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[str], SmallDisk]]:
    """`small_disk("nr_blocks=25")`, in pages of memory. Skips where mounting is refused."""
    disks: list[SmallDisk] = []

    def make(options: str) -> SmallDisk:
        if os.geteuid() != 0 or not all(map(shutil.which, ("unshare", "nsenter", "mount"))):
            pytest.skip("only root can mount a small disk, with unshare, nsenter and mount")
        disks.append(SmallDisk(tmp_path / f"disk{len(disks)}", options))
        if not disks[-1].mounted:
            pytest.skip(f"mounting a small disk is refused here: {disks[-1].close()}")
        return disks[-1]

    yield make
    for disk in disks:
        if disk.holder.poll() is None:
            disk.close()


def whole_records(out: Path) -> int:
    """How many records there are, each of which decodes; nothing unfinished lies beside them."""
    files = [file for file in out.rglob("*") if file.is_file()]
    assert not [file for file in files if ".writing-" in file.name]
    records = [json.loads(file.read_text("utf-8")) for file in files if file.parent.name == "records"]
    assert all(record["modules"] for record in records)
    return len(records)


def says_what_is_wrong(done: subprocess.CompletedProcess[str], what: str) -> None:
    assert done.returncode == 2, done.stdout + done.stderr
    assert what in done.stderr
    assert "the same command then goes on from here" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr


@needs_jail
@pytest.mark.parametrize(
    ("small", "large"), [("nr_blocks=25", "nr_blocks=999"), ("nr_inodes=20", "nr_inodes=999")], ids=["blocks", "inodes"]
)
def test_a_disk_that_fills_up_in_mid_run(
    mini: Path, fifty: Path, tmp_path: Path, small_disk: Callable[[str], SmallDisk], small: str, large: str
) -> None:
    """On a full file system the run says so and keeps what is graded; given room, the same command ends as ever."""
    subprocess.run(command(mini, fifty, tmp_path / "calm"), check=True, capture_output=True, timeout=LONGEST)
    disk = small_disk(small)
    line = disk.inside(command(mini, fifty, disk.folder / "out"))
    full = subprocess.run(line, capture_output=True, text=True, timeout=LONGEST, check=False)
    says_what_is_wrong(full, "cannot be written: No space left on device\n  check rights and free space")
    assert f"{disk.folder}/out/records/learner" in full.stderr
    kept = whole_records(disk.seen / "out")
    assert 0 < kept < LEARNERS
    disk.change("mount", "-o", f"remount,{large}", str(disk.folder))
    again = subprocess.run(line, capture_output=True, text=True, timeout=LONGEST, check=False)
    assert again.returncode == 0, again.stdout + again.stderr
    assert f"{kept} of {LEARNERS} are graded already" in again.stdout
    assert results(disk.seen / "out") == results(tmp_path / "calm")


def interrupted_by(line: list[str], out: Path, act: Callable[[], None]) -> subprocess.CompletedProcess[str]:
    """Run `line`, and `act` once its first record is there; meanwhile the run stands still."""
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        while running.poll() is None and not [*(out / "records").glob("l*.json")]:
            time.sleep(0.001)
        running.send_signal(signal.SIGSTOP)
        act()
        running.send_signal(signal.SIGCONT)
        printed, errors = running.communicate(timeout=LONGEST)
    return subprocess.CompletedProcess(line, running.returncode, printed, errors)


@needs_jail
def test_a_disk_that_turns_read_only_in_mid_run(
    mini: Path, fifty: Path, tmp_path: Path, small_disk: Callable[[str], SmallDisk]
) -> None:
    """When the output folder can no longer be written the run says so; made writable, the same command goes on."""
    subprocess.run(command(mini, fifty, tmp_path / "calm"), check=True, capture_output=True, timeout=LONGEST)
    disk = small_disk("size=8m")
    name = str(disk.folder)
    line = disk.inside(command(mini, fifty, disk.folder / "out"))

    def protect() -> None:  # a second mount in front of the first, which has files open and so cannot be made so
        disk.change("sh", "-c", f"mount --bind '{name}' '{name}' && mount -o remount,bind,ro '{name}'")

    protected = interrupted_by(line, disk.seen / "out", protect)
    says_what_is_wrong(protected, "cannot be written: Read-only file system\n  check rights")
    still = subprocess.run(line, capture_output=True, text=True, timeout=LONGEST, check=False)
    says_what_is_wrong(still, "cannot be written: Read-only file system\n  check rights")
    disk.change("umount", name)
    assert [*(disk.seen / "out" / "records").glob("l*.json")]
    subprocess.run(line, check=True, capture_output=True, timeout=LONGEST)
    assert results(disk.seen / "out") == results(tmp_path / "calm")


@needs_jail
def test_an_output_folder_removed_in_mid_run(mini: Path, fifty: Path, tmp_path: Path) -> None:
    """When the output folder vanishes the run says so, and the same command makes it anew."""
    out, line = tmp_path / "out", command(mini, fifty, tmp_path / "out")
    removed = interrupted_by(line, out, lambda: out.rename(tmp_path / "elsewhere") and None)
    says_what_is_wrong(removed, "cannot be written: No such file or directory")
    assert str(out) in removed.stderr
    assert not out.exists()
    subprocess.run(line, check=True, capture_output=True, timeout=LONGEST)
    assert len(results(out)) == LEARNERS + 1


@needs_jail
def test_damaged_records_are_graded_again(mini: Path, fifty: Path, tmp_path: Path) -> None:
    """Records that are garbage, cut off or of another version are graded again, and how many these are is said."""
    out, line = tmp_path / "out", command(mini, fifty, tmp_path / "out")
    subprocess.run(line, check=True, capture_output=True, timeout=LONGEST)
    want = results(out)
    garbage, cut, old = (out / "records" / f"learner{number:02}.json" for number in (3, 30, 49))
    garbage.write_bytes(random.Random(SEED).randbytes(500))
    cut.write_bytes(cut.read_bytes()[:-40])
    old.write_text(json.dumps({**json.loads(old.read_text("utf-8")), "grader": "0.0.1"}))
    again = subprocess.run(line, capture_output=True, text=True, timeout=LONGEST, check=False)
    assert again.returncode == 0, again.stdout + again.stderr
    assert f"{LEARNERS - 3} of {LEARNERS} are graded already" in again.stdout
    assert "3 graded again" in again.stdout
    assert results(out) == want


@needs_jail
def test_grades_that_cannot_be_written(mini: Path, hand_in: HandIn, right: dict[str, str], tmp_path: Path) -> None:
    """Where grades.csv cannot be replaced this is said, the records are kept, and the same command then ends."""
    out = tmp_path / "out"
    line = command(mini, hand_in("ada", right), out)
    subprocess.run(line, check=True, capture_output=True, timeout=LONGEST)
    want = results(out)
    (out / "grades.csv").unlink()
    (out / "grades.csv").mkdir()
    done = subprocess.run(line, capture_output=True, text=True, timeout=LONGEST, check=False)
    says_what_is_wrong(done, f"{out / 'grades.csv'}: cannot be written: Is a directory\n  move it away")
    assert whole_records(out) == 1
    (out / "grades.csv").rmdir()
    again = subprocess.run(line, capture_output=True, text=True, timeout=LONGEST, check=False)
    assert "1 of 1 are graded already" in again.stdout
    assert results(out) == want


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
