"""What grading costs beside the learner's own time: `Examiner.grade` against the same questions in a plain fork.

    python tests/bench/bare.py [--copies 8] [--rounds 5] [--track pure] [--track torch] [--no-cold]

Both sides work on one core (the same one), in turns. The grader's side is a grading process in its steady state: jail,
hidden checks, comparisons, record saved. The bare side asks the very questions that these checks ask (the examiner's
scripts) in a process that is forked, for each submission and track, from a warm one (torch is imported there): the
learner's modules are compiled and executed, the probes called, the answers written to a pipe as bytes. No jail, no
guards, no pytest, no comparison, no record. Start-up is in neither. The median round is the one to quote.

Where answers are wrong the grader has more to do than to ask once: what fails is asked a second time, over the
reference's earlier steps, and a failed check ends the worker's list of questions. The bare side asks once.

The cold figures are whole commands, `grader run` on one submission with all ten steps, start-up and report included.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import pickle
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader import course as courses
from grader import intake, store
from grader.jail import kernel
from grader.marking.examiner import Examiner
from grader.marking.workers import CLEAN_ENVIRONMENT
from grader.model import PASSED, Submission

PR_SET_CHILD_SUBREAPER = 36
ROOT = Path(__file__).resolve().parents[2]
SEED = 1
TRACKS = ("pure", "torch")
SUBMISSIONS = ("half_done", "attention_without_scaling")  # of tests/submissions: one half done, one wrong


@dataclass(frozen=True)
class Cost:
    """Milliseconds a submission."""

    wall: float
    cpu: float  # of all processes that take part


def main() -> None:
    """Time each selection of steps and tracks, then the cold start; print tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--copies", type=int, default=8, help="submissions of all ten steps in a round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--track", action="append", choices=TRACKS, help="these only")
    parser.add_argument("--no-cold", action="store_true", help="without the whole commands")
    options = parser.parse_args()
    tracks = options.track or list(TRACKS)
    cores = os.sched_getaffinity(0)
    with tempfile.TemporaryDirectory() as folder:
        os.sched_setaffinity(0, {max(cores)})
        steady(tracks, options.copies, options.rounds, Path(folder))
        os.sched_setaffinity(0, cores)
        if not options.no_cold:
            kernel.prctl(PR_SET_CHILD_SUBREAPER, 1)  # so that CPU time of zygotes, which end last, is known here
            cold(tracks, options.rounds, Path(folder))


# one core, steady state


def steady(tracks: list[str], copies: int, rounds: int, folder: Path) -> None:
    """The table of ratios."""
    course = courses.load(ROOT)
    correct = Submission("correct", solutions(course))
    every = [tracks, *([track] for track in tracks if len(tracks) > 1)]
    plans = [("all ten steps", correct, (), chosen, copies) for chosen in every]
    plans += [("03_softmax", correct, ("03_softmax",), [track], 20 * copies) for track in tracks]
    plans += [(name, corpus(course, name), (), tracks, copies) for name in SUBMISSIONS]
    print(f"one core, median of {rounds} rounds, Python {sys.version.split()[0]}; milliseconds a submission")
    print(f"{'':44} {'grader':>9} {'bare':>9} {'ratio':>7} {'CPU: grader':>13} {'bare':>9} {'ratio':>7}")
    for name, submission, steps, chosen, count in plans:
        with Examiner(course, course.modules(steps, chosen), SEED, "jail") as examiner:
            record = examiner.grade(submission)  # the reference's answers, and the scripts
            if submission is correct:
                assert all(o.status == PASSED for m in record.modules for o in m.outcomes), "the solutions must pass"
            pairs = compare(examiner, submission, count, rounds, folder)
        print(line(f"{name}, {' and '.join(chosen)}", pairs), flush=True)


def line(label: str, pairs: list[tuple[Cost, Cost]]) -> str:
    """One row: the median costs, and the medians of the rounds' ratios."""
    cells = f"{label:44}"
    for of, width in ((lambda cost: cost.wall, 9), (lambda cost: cost.cpu, 13)):
        ours, theirs = (statistics.median(of(pair[side]) for pair in pairs) for side in (0, 1))
        ratio = statistics.median(of(ours) / of(theirs) for ours, theirs in pairs)
        cells += f" {ours:{width}.1f} {theirs:9.1f} {ratio:7.2f}"
    return cells


def solutions(course: courses.Course) -> dict[str, dict[str, bytes]]:
    files: dict[str, dict[str, bytes]] = {}
    for module in course.modules():
        files.setdefault(module.step, {})[module.file] = course.solution(module).read_bytes()
    return files


def corpus(course: courses.Course, name: str) -> Submission:
    """A submission of tests/submissions, read as `grader run` reads it."""
    collected = intake.collect(ROOT / "tests" / "submissions", course.steps, attempts=False)
    hand_in = next(one for one in collected.hand_ins if one.learner == name)
    return intake.read(hand_in, course.files(), course.handed_out)


def compare(
    examiner: Examiner, submission: Submission, count: int, rounds: int, folder: Path
) -> list[tuple[Cost, Cost]]:
    """(the grader's cost, the bare cost) in each round."""
    warm = {track: Warm(examiner, submission, track) for track in examiner.zygotes}
    settings = {"course": "", "seed": SEED, "sandbox": "jail", "modules": []}
    try:
        with store.open_store(folder / "records", settings) as records:

            def graded() -> None:
                records.save(examiner.grade(submission))

            def bare() -> None:
                for one in warm.values():
                    one.ask()

            zygotes = [zygote.process.pid for zygote in examiner.zygotes.values()]
            forkers = [one.process.pid for one in warm.values()]
            bare()
            return [(cost(graded, count, zygotes), cost(bare, count, forkers)) for _ in range(rounds)]
    finally:
        shutil.rmtree(folder / "records")
        for one in warm.values():
            one.close()


def cost(work: Callable[[], None], count: int, helpers: list[int]) -> Cost:
    """Of one call, measured over `count`. `helpers`: processes that work for it, with the children that they await."""
    cpu, wall = -time.process_time() - sum(map(cpu_seconds, helpers)), -time.perf_counter()
    for _ in range(count):
        work()
    wall += time.perf_counter()
    cpu += time.process_time() + sum(map(cpu_seconds, helpers))
    return Cost(1000 * wall / count, 1000 * cpu / count)


def cpu_seconds(pid: int) -> float:
    """CPU time of a process and of its children that have ended, in steps of 10 ms: proc(5), /proc/pid/stat."""
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


class Warm:
    """A process with the track's imports done, which forks one that answers all questions, as often as it is told."""

    def __init__(self, examiner: Examiner, submission: Submission, track: str) -> None:
        course = examiner.course
        modules = [module for module in examiner.modules if module.track == track]
        load = examiner._own_sources(submission, track)
        work = {
            "torch": track == "torch",
            "seed": load["seed"],
            "modules": load["modules"],
            "extras": load["extras"],
            "kits": {kit.stem: (kit.name, kit.read_bytes()) for kit in course.kits()},
            "probes": {m.step: (f"probes of {m.step}", course.probes(m).read_bytes()) for m in modules},
            "questions": [(m.step, *asked) for m in modules for asked in examiner._script(m)],
        }
        command = [sys.executable, __file__, "--warm"]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=CLEAN_ENVIRONMENT, bufsize=0
        )
        self.orders, self.replies = self.process.stdin, self.process.stdout
        with os.fdopen(os.dup(self.orders.fileno()), "wb") as pipe:
            pickle.dump(work, pipe)

    def ask(self) -> None:
        """One submission: a fork, all answers as bytes."""
        self.orders.write(b"1")
        assert self.replies.read(1) == b"1", "the bare process has ended"

    def close(self) -> None:
        self.orders.close()
        self.process.wait()
        self.replies.close()


def warm() -> None:
    """In the warm process: fork, read the child's answers to their end, say so."""
    import gc
    import random

    from grader.jail.worker import CourseCode
    from grader.jail.zygote import warm_torch

    work = pickle.load(sys.stdin.buffer)
    seed = warm_torch([])[1] if work["torch"] else random.seed
    course = CourseCode(work["probes"], work["kits"])
    gc.collect()
    gc.freeze()
    while sys.stdin.buffer.read(1):
        ours, theirs = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(ours)
            seed(work["seed"])
            answer_all(work, course, theirs)
        os.close(theirs)
        while os.read(ours, 1 << 16):
            pass
        os.close(ours)
        os.waitpid(child, 0)
        os.write(1, b"1")


def answer_all(work: dict[str, Any], course: Any, pipe: int) -> None:
    """In the fork: execute the learner's modules, call the probes, write the answers."""
    from grader.jail.calls import call
    from grader.jail.modules import Modules, run_probes
    from grader.wire import encode

    try:
        sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: PTH123, SIM115  # for as long as the process lives
        files = {file for file, _ in [*work["modules"].values(), *work["extras"].values()]}
        Modules(work["modules"] | course.kits, work["extras"], course.compiled).install()
        namespaces: dict[str, Any] = {}
        for step, probe, cases in work["questions"]:
            if step not in namespaces:
                load = call({"load": lambda step: run_probes(step, *course.probes[step])}, "load", [[step]], files)
                namespaces[step] = load["values"][0] if "values" in load else None
            if namespaces[step] is not None:
                os.write(pipe, encode(call(namespaces[step], probe, cases, files)))
    finally:
        os._exit(0)


# whole commands


def cold(tracks: list[str], rounds: int, folder: Path) -> None:
    """Seconds of `grader run` on one submission, with each selection of tracks."""
    learner = folder / "class" / "learner"
    for module in (course := courses.load(ROOT)).modules():
        to = learner / "exercises" / module.step / module.file
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(course.solution(module), to)
    cores = len(os.sched_getaffinity(0))
    print(f"cold: grader run on one correct submission, {cores} cores, median of {rounds}; seconds")
    for chosen in [tracks, *([track] for track in tracks if len(tracks) > 1)]:
        costs = [run_command(learner.parent, folder / "out", chosen) for _ in range(rounds)]
        wall, cpu = (statistics.median(values) for values in zip(*costs, strict=True))
        print(f"all ten steps, {' and '.join(chosen):29} {wall:9.2f} {'CPU:':>9} {cpu:6.2f}", flush=True)


def run_command(learners: Path, out: Path, tracks: list[str]) -> tuple[float, float]:
    """Wall and CPU seconds, all processes included; full marks are required."""
    command = [sys.executable, "-m", "grader", "run", str(learners), "--out", str(out), "--seed", str(SEED)]
    command += [word for track in tracks for word in ("--track", track)]
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    wall = time.perf_counter() - started
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()  # for what it has left to be killed: see main
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    total = (out / "grades.csv").read_text("utf-8").splitlines()[1].split(",")[-2]
    assert float(total) == 100 * len(tracks), f"a correct submission gets full marks, and got {total}"
    shutil.rmtree(out)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    if sys.argv[1:] == ["--warm"]:
        warm()
    else:
        main()
