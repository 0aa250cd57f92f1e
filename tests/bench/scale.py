"""What grading costs as classes grow: time, memory, disk, resuming, the class page, a second process.

    python tests/bench/scale.py [--sizes 100 1000 10000] [--folder build/scale]

A class is made of blocks of 100 learners, each with the same mixture of situations from tests/submissions (see `mix`):
half of them right, a fifth half-way, the others wrong in all sorts of ways, one in an endless loop. No two hand-ins
are equal. All ten steps of both tracks are graded, by `grader run` on all cores; start-up and reports are in the
figures. CPU time is that of the whole machine, so that nothing else should run meanwhile. On two cores a thousand
submissions take minutes, and ten thousand more than an hour.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT / "tests" / "submissions"
BLOCK = 100
RIGHT = {"perfect": 30, "ten_steps_in_another_hand": 8, "torch_in_another_hand": 4, "other_names": 4, "other_graphs": 4}
HALF_WAY = {"half_done": 6, "first_three_steps_done": 5, "only_torch": 3, "only_step_03": 3, "untouched": 3}
ENDLESS = ("endless_name", "endless_loop", "walks_every_path", "prints_without_end")  # one of them, and no more
WAIT_SECONDS = 0.2  # between two looks at the memory


def mix() -> list[str]:
    """The situations of a block, 100 of them."""
    chosen = [name for table in (RIGHT, HALF_WAY) for name, number in table.items() for _ in range(number)]
    others = sorted(path.name for path in CORPUS.iterdir() if path.is_dir() and path.name not in {*chosen, *ENDLESS})
    wanted = BLOCK - len(chosen) - 1
    wrong = [others[i * len(others) // wanted] for i in range(wanted)]  # evenly over the alphabet
    return [ENDLESS[0], *chosen, *wrong]  # it first: else a whole process waits for it at the end of a small class


def build(folder: Path, size: int) -> Path:
    """A class of so many."""
    if folder.exists():
        shutil.rmtree(folder)
    situations = mix()
    for number in range(size):
        learner = folder / f"learner{number:06}"
        shutil.copytree(CORPUS / situations[number % BLOCK], learner, ignore=shutil.ignore_patterns("verdict.toml"))
        for file in learner.rglob("*.py"):
            if b"\0" not in (source := file.read_bytes()):  # as in UTF-16
                file.write_bytes(source + f"\n# {number}\n".encode())
    return folder


@dataclass
class Measured:
    """One command."""

    seconds: float
    cpu: float  # of the whole machine
    main: int  # peak memory in bytes: the process that was started, without its children
    others: int  # the largest of its trusted children


def busy() -> float:
    """CPU seconds that the machine has worked since it was started."""
    user, nice, system, _, _, irq, soft = map(int, Path("/proc/stat").read_text("ascii").split()[1:8])
    return (user + nice + system + irq + soft) / os.sysconf("SC_CLK_TCK")


def peak(pid: int) -> int:
    """The most memory that a process has had, in bytes; 0: it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM")), 0)


def trusted(pid: int) -> Iterator[int]:
    """The grading processes that a run has started; zygotes and workers are not among them."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    except OSError:
        return
    for child in map(int, children):
        try:
            if b"jail.zygote" not in Path(f"/proc/{child}/cmdline").read_bytes():
                yield child
        except OSError:
            continue


def measured(*words: str) -> Measured:
    """Run `grader` with these words. 0 and 1 are its good ends: some of the corpus cannot be graded."""
    found = Measured(0.0, 0.0, 0, 0)
    started, before = time.perf_counter(), busy()
    process = subprocess.Popen([sys.executable, "-m", "grader", *words], cwd=ROOT, stdout=subprocess.DEVNULL)
    over = threading.Event()

    def look() -> None:
        while not over.wait(WAIT_SECONDS):
            found.main = max(found.main, peak(process.pid))
            found.others = max(found.others, *(peak(child) for child in trusted(process.pid)), 0)

    looking = threading.Thread(target=look)
    looking.start()
    code = process.wait()
    found.seconds, found.cpu = time.perf_counter() - started, busy() - before
    over.set()
    looking.join()
    if code not in (0, 1):
        raise SystemExit(f"grader {' '.join(words)} ended with {code}")
    return found


def size_of(folder: Path) -> int:
    """Bytes on disk, in whole blocks."""
    return sum(path.lstat().st_blocks * 512 for path in folder.rglob("*"))


def mib(size: float) -> str:
    return f"{size / 2**20:.0f} MiB"


def one_size(folder: Path, size: int) -> float:
    """Print the figures of one class. Returns CPU seconds a submission."""
    submissions, out = build(folder / "class", size), folder / "out"
    if out.exists():
        shutil.rmtree(out)
    command = ("run", str(submissions), "--out", str(out), "--seed", "1", "--quiet")
    first = measured(*command)
    again = measured(*command)
    rescored = measured("rescore", str(out), "--quiet")
    disk = {part: size_of(out / part) / size for part in ("records", "learners")}
    page = (out / "report.html").stat().st_size
    print(f"\n{size} submissions", flush=True)
    print(f"  graded in {first.seconds:.0f} s: {size / first.seconds:.2f} a second, {first.cpu / size:.3f} CPU s each")
    print(f"  peak memory: run {mib(first.main)}, a grading process {mib(first.others)}; rescore {mib(rescored.main)}")
    print(f"  disk a learner: record {disk['records'] / 1024:.0f} KiB, pages {disk['learners'] / 1024:.0f} KiB")
    print(f"  again with everything done: {again.seconds:.1f} s ({1000 * again.seconds / size:.1f} ms each)")
    print(f"  grades and all pages from the records (rescore): {rescored.seconds:.1f} s; class page {page >> 10} KiB")
    return first.cpu / size


def second_process(folder: Path, size: int) -> None:
    """Print what a second process brings."""
    submissions = build(folder / "class", size)
    seconds = []
    for jobs in (1, 2):
        out = folder / f"out{jobs}"
        if out.exists():
            shutil.rmtree(out)
        line = ("run", str(submissions), "--out", str(out), "--seed", "1", "--quiet", "--jobs", str(jobs))
        seconds.append(measured(*line).seconds)
    one, two = seconds
    print(f"\n{size} submissions, one process {one:.0f} s, two {two:.0f} s: efficiency {one / two / 2:.2f}", flush=True)


def main() -> None:
    """Build, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 1_000, 10_000])
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "scale")
    options = parser.parse_args()
    cores = len(os.sched_getaffinity(0))
    print(f"{cores} cores, Python {sys.version.split()[0]}; a block: {', '.join(dict.fromkeys(mix()))}", flush=True)
    second_process(options.folder, min(2 * BLOCK, min(options.sizes)))
    costs = [one_size(options.folder, size) for size in options.sizes]
    spread = max(costs) / min(costs) - 1
    print(f"\nCPU time a submission differs by {100 * spread:.0f} % between these sizes")


if __name__ == "__main__":
    main()
