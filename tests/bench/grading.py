"""Throughput of `grader run` against one unsandboxed pytest process per submission, doing the same checks.

    python tests/bench/grading.py [--copies 200] [--track pure] [--track torch]

Both sides grade the same copies of a correct 03_softmax on the same number of cores, one after the other, and the ratio
of their wall times is printed. The pytest side is `grader.marking.plain`: probes, reference and checks in one process,
which is what an autograder without a jail does. Start-up (importing torch, collecting the suites) is in both figures.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STEP = "03_softmax"
SUITES = {"pure": "test_softmax.py", "torch": "test_softmax_torch.py"}
ONE_THREAD = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def main() -> None:
    """Build the class, time both sides for each track, print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--copies", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--track", action="append", choices=SUITES)
    options = parser.parse_args()
    print(f"{options.copies} copies of a correct {STEP}, {options.jobs} processes, Python {sys.version.split()[0]}")
    with tempfile.TemporaryDirectory() as name:
        learners = build_class(Path(name) / "class", options.copies)
        for track in options.track or SUITES:
            ours = time_grader(learners[0].parent, Path(name) / f"out-{track}", track, options.jobs)
            theirs = time_pytest(learners, track, options.jobs)
            print(
                f"{track:6} grader run {ours:7.2f} s ({1000 * ours / len(learners):6.1f} ms a submission)   "
                f"pytest each {theirs:7.2f} s ({1000 * theirs / len(learners):7.1f} ms)   ratio {theirs / ours:5.1f}"
            )


def build_class(folder: Path, copies: int) -> list[Path]:
    """One folder a learner, each with the solutions of the steps up to STEP."""
    learners = [folder / f"learner{i:04}" for i in range(copies)]
    for learner in learners:
        for step in sorted((ROOT / "solutions").iterdir()):
            if step.name <= STEP:
                shutil.copytree(step, learner / "exercises" / step.name)
    return learners


def time_grader(folder: Path, out: Path, track: str, jobs: int) -> float:
    """Seconds of `grader run`, which must give every learner full marks."""
    command = [sys.executable, "-m", "grader", "run", str(folder), "--out", str(out), "--seed", "1"]
    command += ["--step", STEP, "--track", track, "--jobs", str(jobs)]
    started = time.perf_counter()
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - started
    totals = {line.rsplit(",", 1)[1] for line in (out / "grades.csv").read_text("utf-8").splitlines()[1:]}
    assert totals == {"10"}, f"the class should have full marks, and has {totals}"
    return seconds


def time_pytest(learners: list[Path], track: str, jobs: int) -> float:
    """Seconds of one pytest process per learner, `jobs` at a time, each of which must pass."""
    suite = ROOT / "tests" / "hidden" / STEP / SUITES[track]

    def judge(learner: Path) -> None:
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "grader.marking.plain",
            "-p",
            "no:cacheprovider",
            str(suite),
        ]
        command += ["--answers", str(learner / "exercises")]
        subprocess.run(command, cwd=ROOT, env=ONE_THREAD, check=True, stdout=subprocess.DEVNULL)

    started = time.perf_counter()
    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(judge, learners))
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
