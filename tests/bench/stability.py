"""Whether marks depend on the seed, and how far tolerances are from rounding on one side, from mistakes on the other.

    python tests/bench/stability.py [--seeds 200] [--first 1] [--step 03_softmax]

For each seed all right answers (the solutions, tests/answers/right, two of tests/submissions) are graded, which must
pass every check, and all wrong ones (tests/answers/wrong), each of which must be rejected by the checks that it names.
Where a check compares numbers, its margin is noted: the largest |got - want| in units of the tolerance. Right answers
should stay below 1/100 and wrong ones above 100. With 200 seeds it takes most of an hour on two cores.
Exit code 1: a mark depends on the seed, or a margin is too small.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

from grader import course as courses
from grader.course import Module
from grader.marking import check as checking
from grader.marking import compare
from grader.marking.check import Check
from grader.marking.examiner import Examiner
from grader.marking.suites import Verdict
from grader.model import FAILED, PASSED, Submission
from grader.wire import Data

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "course"))

from catalogue import RIGHT, RIGHT_SUBMISSIONS, wrong_answers  # noqa: E402  # the folder is no package

FAR = 100  # times the tolerance, or below it
Key = tuple[str, str]  # module and check


@dataclass
class Found:
    """What one seed, or several, have shown."""

    problems: list[str] = field(default_factory=list)
    right: dict[Key, float] = field(default_factory=dict)  # the largest margin of a right answer
    wrong: dict[Key, tuple[float, str]] = field(default_factory=dict)  # the least of a wrong one's largest, and which
    graded: int = 0

    def add(self, other: Found) -> None:
        self.problems += other.problems
        self.graded += other.graded
        for key, margin in other.right.items():
            self.right[key] = max(self.right.get(key, 0.0), margin)
        for key, least in other.wrong.items():
            self.wrong[key] = min(self.wrong.get(key, (math.inf, "")), least)


class Noting:
    """Notes the margins of every comparison that a check makes."""

    def __init__(self, examiner: Examiner) -> None:
        self.margins: dict[Key, list[float]] = defaultdict(list)
        self.now: Key = ("", "")
        self.run = examiner.suites.run
        checking.difference = self.difference  # type: ignore[assignment]  # the same, and noted
        examiner.suites.run = self.one  # type: ignore[method-assign]  # likewise

    def one(self, module: Module, name: str, check: Check) -> Verdict:
        self.now = (module.key, name)
        return self.run(module, name, check)

    def difference(self, got: Data, want: Data, rel: float, abs_: float) -> compare.Difference | None:
        pairs: list[tuple[str, float, float]] = []
        if compare._structure(got, want, "answer", pairs) is None:
            self.margins[self.now] += [margin(g, w, max(rel * abs(w), abs_)) for _, g, w in pairs if g != w]
        else:
            self.margins[self.now].append(math.inf)
        return compare.difference(got, want, rel, abs_)


def margin(got: float, want: float, tolerance: float) -> float:
    if math.isnan(got) and math.isnan(want):
        return 0.0
    if not math.isfinite(got) or not math.isfinite(want):
        return math.inf
    if tolerance == math.inf:
        return 0.0
    return abs(got - want) / tolerance if tolerance else math.inf


_examiner: Examiner
_noting: Noting
_chosen: tuple[str, ...]


def start(steps: tuple[str, ...]) -> None:
    global _examiner, _noting, _chosen
    course = courses.load(ROOT)
    _chosen = steps
    _examiner = Examiner(course, course.modules(steps), 0, "jail")
    _noting = Noting(_examiner)


def reseed(seed: int) -> None:
    """The same zygotes and suites with other inputs."""
    for source in _examiner.references.values():
        source.chain.close()
    _examiner.references.clear()
    _examiner.scripts.clear()
    _examiner.seed = seed


def of_seed(seed: int) -> Found:
    """All answers of the catalogues with the inputs of one seed."""
    reseed(seed)
    found = Found()
    for name, submission in right_answers().items():
        _noting.margins.clear()
        for result in _examiner.grade(submission).modules:
            for outcome in result.outcomes:
                if outcome.cause == "missing":
                    continue
                found.graded += 1
                key = (f"{result.step}/{result.track}", outcome.check)
                if outcome.status != PASSED:
                    found.problems.append(f"seed {seed}: {name}: {key}: {outcome.status}: {outcome.reason}")
                largest = max(_noting.margins[key], default=0.0)
                found.add(Found(right={key: largest}))
    for module in _examiner.modules:
        for answer in wrong_answers(_examiner.course, module):
            submission = Submission("wrong", {module.step: {module.file: answer.source.encode()}})
            for check in answer.caught_by:
                _noting.margins.clear()
                limits = _examiner.course.limits
                (outcome,) = _examiner.over_reference(submission, module, limits, [check]).outcomes
                found.graded += 1
                if outcome.status != FAILED:
                    found.problems.append(f"seed {seed}: {answer.id} is not rejected by {check}")
                elif outcome.cause == "wrong" and _noting.margins[module.key, check]:
                    largest = max(_noting.margins[module.key, check])
                    if largest > 1:  # else it is not for these numbers that it is rejected
                        found.add(Found(wrong={(module.key, check): (largest, answer.id)}))
    return found


def right_answers() -> dict[str, Submission]:
    """The solutions, and every manner of the catalogue."""
    course = _examiner.course
    solutions: dict[str, dict[str, bytes]] = {}
    for module in course.modules():
        solutions.setdefault(module.step, {})[module.file] = course.solution(module).read_bytes()
    found = {"solutions": Submission("right", solutions)}
    for manner in [*sorted(path for path in RIGHT.glob("*") if path.is_dir()), *RIGHT_SUBMISSIONS.values()]:
        files: dict[str, dict[str, bytes]] = {}
        for file in sorted(manner.glob("*/*.py")):
            files.setdefault(file.parent.name, {})[file.name] = file.read_bytes()
        found[str(manner.relative_to(ROOT))] = Submission("right", files)
    return found


def main() -> None:
    """Grade, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--step", action="append", default=[])
    options = parser.parse_args()
    seeds = range(options.first, options.first + options.seeds)
    found = Found()
    jobs = len(os.sched_getaffinity(0))
    with ProcessPoolExecutor(jobs, get_context("spawn"), initializer=start, initargs=(tuple(options.step),)) as pool:
        for done, one in enumerate(pool.map(of_seed, seeds), 1):
            found.add(one)
            if sys.stderr.isatty():
                print(f"\r{done} of {len(seeds)} seeds", end="", file=sys.stderr, flush=True)
    for (key, check), largest in sorted(found.right.items()):
        if largest > 1 / FAR:
            found.problems.append(f"{key} {check}: a right answer uses {largest:.3g} of the tolerance")
    for (key, check), (least, answer) in sorted(found.wrong.items()):
        if least < FAR:
            found.problems.append(f"{key} {check}: {answer} is only {least:.3g} times the tolerance away")
    print(f"seeds {seeds[0]} to {seeds[-1]}: {found.graded:,} checks; tolerances: right answers use at most "
          f"{max(found.right.values(), default=0):.2g} of one, wrong ones are at least "
          f"{min(found.wrong.values(), default=(math.inf, ''))[0]:.3g} away")  # fmt: skip
    print("\n".join(found.problems) or "no mark depends on the seed")
    sys.exit(1 if found.problems else 0)


if __name__ == "__main__":
    main()
