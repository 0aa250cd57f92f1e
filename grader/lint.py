"""`grader check`: whether a course is fit to be handed out. Trusted side; runs the course's own code without the jail.

Each check gives its problems as sentences that say what, where and, where it is not plain, what to do.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from pathlib import Path

from grader import engine
from grader.course import Course
from grader.errors import UserError
from grader.model import PASSED, HandIn, Record
from grader.release.bundle import fill
from grader.release.leaks import leaks
from grader.release.stubs import stub

LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")
BESIDE_LESSONS = (".md", ".svg", ".png", ".ipynb")
SOLVED, UNTOUCHED = "solved", "untouched"
MOST = 10  # problems of one sort that are listed


def checks(course: Course, jobs: int) -> Iterator[tuple[str, list[str]]]:
    """(what is checked, its problems), the quick ones first; where files are missing, the slow ones are left out."""
    missing = missing_files(course)
    yield "every module has its solution, its lesson, its public and its hidden tests", missing
    yield "no file stands where none belongs", stray_files(course)
    yield "every check has points and a hint; every module's points are a whole number", manifest(course)
    yield "links and pictures of the lessons lead somewhere", dead_links(course)
    if missing:
        return
    yield "the stubs are those of the solutions", old_stubs(course)
    yield (
        "no answer, hidden test or probe stands in exercises/",
        [f"exercises/{leak}" for leak in leaks(_exercises(course), course)],
    )
    with tempfile.TemporaryDirectory(prefix="grader-check-") as name:
        classroom = Path(name)
        for learner in (SOLVED, UNTOUCHED):
            fill(course, classroom / learner)
        for module in course.modules():
            shutil.copyfile(course.solution(module), classroom / SOLVED / "exercises" / module.step / module.file)
        yield "the solutions pass every public test", public(classroom / SOLVED, lambda passed: passed, "fails")
        yield "the stubs pass no public test", public(classroom / UNTOUCHED, lambda passed: not passed, "passes")
        yield (
            "the solutions pass every hidden check, the stubs none, each has a sentence",
            hidden(course, classroom, jobs),
        )


def _exercises(course: Course) -> Path:
    return course.root / "exercises"


def missing_files(course: Course) -> list[str]:
    """Files that the manifest's modules need."""
    needed = [_exercises(course) / step / "README.md" for step in course.steps]
    for module in course.modules():
        test = _exercises(course) / module.step / f"test_{module.file}"
        needed += [course.solution(module), course.exercise(module), test, course.suite(module), course.probes(module)]
    return [f"{file.relative_to(course.root).as_posix()} is missing" for file in needed if not file.is_file()]


def stray_files(course: Course) -> list[str]:
    """Files in the folders of steps that no module and no lesson has, and folders of steps that course.toml has not."""
    known = set()
    for module in course.modules():
        test = _exercises(course) / module.step / f"test_{module.file}"
        known |= {course.solution(module), course.exercise(module), test, course.suite(module), course.probes(module)}
    found = []
    for place in (_exercises(course), course.root / "solutions", course.root / "tests" / "hidden"):
        for folder in sorted(path for path in place.glob("[0-9]*") if path.is_dir()):
            if folder.name not in course.steps:
                found.append(f"{folder.relative_to(course.root).as_posix()}/ is no step of course.toml")
                continue
            for file in sorted(folder.iterdir()):
                lesson = place == _exercises(course) and (file.suffix in BESIDE_LESSONS or file.name == "explore.py")
                if file not in known and not lesson and file.name != "__pycache__":
                    found.append(f"{file.relative_to(course.root).as_posix()} belongs to no module")
    return found


def manifest(course: Course) -> list[str]:
    """Checks without hint or points, and modules whose points are no whole number."""
    found = []
    for module in course.modules():
        for name, check in module.checks.items():
            if not check.hint.strip():
                found.append(f"{module.key} {name} has no hint")
            if not check.points:
                found.append(f"{module.key} {name} has no points")
        if not float(round(module.points, 9)).is_integer():
            found.append(f"{module.key} has {module.points:g} points in all, which is no whole number")
    return found


def dead_links(course: Course) -> list[str]:
    """Relative links in Markdown files to files that are not there."""
    found = []
    for file in sorted(_exercises(course).rglob("*.md")):
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
            for target in LINK.findall(line):
                if "://" not in target and not target.startswith("mailto:") and not (file.parent / target).exists():
                    found.append(f"{file.relative_to(course.root).as_posix()}, line {number}: {target} is not there")
    return found


def old_stubs(course: Course) -> list[str]:
    """Stubs that `grader release --stubs` would change, and markers that do not pair."""
    found = []
    for module in course.modules():
        source, file = course.solution(module), course.exercise(module)
        try:
            text = stub(module, source.read_text("utf-8"), source.relative_to(course.root).as_posix())
        except UserError as error:
            found.append(str(error))
            continue
        if file.read_text("utf-8") != text:
            found.append(f"{file.relative_to(course.root).as_posix()} is out of step: grader release --stubs")
    return found


def public(release: Path, right: Callable[[bool], bool], what: str) -> list[str]:
    """The public tests in a release whose outcome is not the right one."""
    report = release.with_suffix(".xml")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}", "exercises"]
    done = subprocess.run(command, cwd=release, capture_output=True, text=True, check=False)
    if not report.is_file():
        return [f"pytest could not run them (exit code {done.returncode}): {done.stdout[-500:]}{done.stderr[-500:]}"]
    cases = list(ET.parse(report).iter("testcase"))
    found = [] if cases else ["there are none"]
    for case in cases:
        passed = not {child.tag for child in case} & {"failure", "error", "skipped"}
        if not right(passed):
            found.append(f"{case.get('classname')} {case.get('name')} {what}")
    return found


def hidden(course: Course, classroom: Path, jobs: int) -> list[str]:
    """The hidden checks that the solutions do not pass, that the stubs do, or whose test has no docstring."""
    plan = engine.Plan(course.root.resolve(), (), (), 1, "none")
    found = []
    hand_ins = [HandIn(name, (("", classroom / name),)) for name in (SOLVED, UNTOUCHED)]
    for record in engine.run(plan, hand_ins, jobs, lambda: False):
        if not isinstance(record, Record):
            found.append(f"the {record.hand_in.learner} modules could not be graded: {record.reason}")
            continue
        for result in record.modules:
            for outcome in result.outcomes:
                where = f"{result.step}/{result.track} {outcome.check}"
                if (outcome.status == PASSED) != (record.learner == SOLVED):
                    found.append(
                        f"{where}: {outcome.status} for the {record.learner} module. {outcome.reason}".rstrip()
                    )
                if outcome.sentence == outcome.check and record.learner == SOLVED:
                    found.append(f"{where} has no docstring, which is the sentence that learners read")
    return found
