"""Throughput of `grader run` against one unsandboxed pytest process per submission, doing the same checks.

    python tests/bench/grading.py [--copies 200] [--sample 20] [--rounds 3] [--track pure] [--track torch]

Both sides grade copies of a correct 03_softmax. In each round `grader run` grades all copies, once on all cores and
once with one grading process, and then a sample of them goes through pytest, one process after the other, which is
what an autograder without a jail does (`grader.marking.plain`: probes, reference and checks in one process). The sides
of a round are compared with each other, since the speed of a shared machine drifts; the median round is the one to
quote. Start-up (importing torch, collecting the suites) is in all figures.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STEP = "03_softmax"
SUITES = {"pure": "test_softmax.py", "torch": "test_softmax_torch.py"}
ONE_THREAD = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def main() -> None:
    """Build the class, time the rounds of each track, print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--copies", type=int, default=200)
    parser.add_argument("--sample", type=int, default=20, help="submissions that each round gives to pytest")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--track", action="append", choices=SUITES)
    options = parser.parse_args()
    cores = len(os.sched_getaffinity(0))
    print(f"{options.copies} copies of a correct {STEP}, {cores} cores, Python {sys.version.split()[0]}")
    print("milliseconds a submission           all cores   ratio     one process   ratio     pytest, one by one")
    with tempfile.TemporaryDirectory() as name:
        learners = build_class(Path(name) / "class", options.copies)
        for track in options.track or SUITES:
            rounds = [one_round(learners, track, cores, options.sample) for _ in range(options.rounds)]
            for label, row in [*((f"round {i}", row) for i, row in enumerate(rounds, 1)), ("median", median(rounds))]:
                every, alone, theirs = (1000 * seconds for seconds in row)
                print(
                    f"{track:8} {label:10} {every:24.1f} {row[2] / row[0]:7.1f} {alone:15.1f} {row[2] / row[1]:7.1f}"
                    f" {theirs:22.1f}",
                    flush=True,
                )


def median(rounds: list[tuple[float, float, float]]) -> tuple[float, float, float]:
    """The round whose ratio on all cores is the median one."""
    middle = statistics.median_low([theirs / every for every, _, theirs in rounds])
    return next(row for row in rounds if row[2] / row[0] == middle)


def build_class(folder: Path, copies: int) -> list[Path]:
    """One folder a learner, each with the solutions of the steps up to STEP."""
    learners = [folder / f"learner{i:04}" for i in range(copies)]
    for learner in learners:
        for step in sorted((ROOT / "solutions").iterdir()):
            if step.name <= STEP:
                shutil.copytree(step, learner / "exercises" / step.name)
    return learners


def one_round(learners: list[Path], track: str, cores: int, sample: int) -> tuple[float, float, float]:
    """Seconds a submission: `grader run` on all cores, with one process, and pytest."""
    every = time_grader(learners, track, cores)
    alone = time_grader(learners, track, 1)
    return every / len(learners), alone / len(learners), time_pytest(learners[:sample], track) / sample


def time_grader(learners: list[Path], track: str, jobs: int) -> float:
    """Seconds of `grader run`, which must give every learner full marks."""
    folder = learners[0].parent
    out = folder.parent / "out"
    command = [sys.executable, "-m", "grader", "run", str(folder), "--out", str(out), "--seed", "1"]
    command += ["--step", STEP, "--track", track, "--jobs", str(jobs)]
    started = time.perf_counter()
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - started
    totals = {line.rsplit(",", 1)[1] for line in (out / "grades.csv").read_text("utf-8").splitlines()[1:]}
    assert totals == {"10"}, f"the class should have full marks, and has {totals}"
    shutil.rmtree(out)
    return seconds


def time_pytest(learners: list[Path], track: str) -> float:
    """Seconds of one pytest process per learner, one after the other, each of which must pass."""
    suite = ROOT / "tests" / "hidden" / STEP / SUITES[track]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "grader.marking.plain", str(suite), "--answers"]
    started = time.perf_counter()
    for learner in learners:
        answers = str(learner / "exercises")
        subprocess.run([*command, answers], cwd=ROOT, env=ONE_THREAD, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
