"""`grader check`: whether a course is fit to be handed out. Trusted side; runs the course's own code without the jail.

Each check gives its problems as sentences that say what, where and, where it is not plain, what to do.
"""

from __future__ import annotations

import html
import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote

from grader import engine
from grader.course import Course
from grader.errors import UserError
from grader.model import PASSED, HandIn, Record
from grader.release.bundle import fill
from grader.release.leaks import LEFT_BEHIND, leaks
from grader.release.notebooks import notebooks
from grader.release.stubs import stubs

LINK = re.compile(r"\]\(([^)#\s]*)(?:#([^)\s]*))?[^)]*\)")  # the file, the anchor in it
HEADING = re.compile(r" {0,3}#{1,6}\s+(.*?)(?:\s+#+)?\s*")
FENCE = re.compile(r" {0,3}(```|~~~)")
NAMED = re.compile(r"<\w+\s[^>]*?(?:id|name)=[\"']([^\"']+)")  # a place that is named in HTML
MARKUP = re.compile(r"!?\[([^\]]*)\]\([^)]*\)|(?<!\w)(_{1,2})(\S|\S.*?\S)\2(?!\w)")  # links and pictures; emphasis
BESIDE_LESSONS = (".md", ".svg", ".png", ".ipynb")
HINTS = "hints.toml"
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
    yield "the notebooks are those of their sources", old_notebooks(course)
    yield (
        "no answer, hidden test or probe stands in exercises/",
        [f"exercises/{leak}" for leak in leaks(_exercises(course), course, LEFT_BEHIND)],
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
    explored = {f"explore{suffix}.py" for suffix in course.tracks.values()}
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
                lesson = file.suffix in BESIDE_LESSONS or file.name == HINTS or file.name in explored
                if file not in known and not (lesson and place == _exercises(course)) and file.name != "__pycache__":
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
    """Relative links in Markdown files to files that are not there, or to headings that those do not have."""
    found = []
    for file in sorted(_exercises(course).rglob("*.md")):
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
            for target, anchor in LINK.findall(line):
                if "://" in target or target.startswith("mailto:"):
                    continue
                where, there = f"{file.relative_to(course.root).as_posix()}, line {number}", file.parent / target
                there = there if target else file
                if not there.exists():
                    found.append(f"{where}: {target} is not there")
                elif anchor and there.suffix == ".md" and unquote(anchor) not in anchors(there.read_text("utf-8")):
                    found.append(f"{where}: {target or file.name} has no heading #{anchor}")
    return found


def anchors(text: str) -> set[str]:
    """What can stand after # in a link to this Markdown text: its headings as GitHub names them, and names in HTML."""
    found: set[str] = set()
    fence, before = "", ""
    for line in text.splitlines():
        mark = FENCE.match(line)
        if mark and fence in ("", mark[1]):
            fence = "" if fence else mark[1]
        elif not fence:
            heading = HEADING.fullmatch(line)
            underlined = before.strip() and re.fullmatch(r" {0,3}(=+|-+)\s*", line)
            found |= set(NAMED.findall(line))
            if heading or underlined:
                name = slug(heading[1] if heading else before)
                names = [name, *(f"{name}-{n}" for n in range(1, len(found) + 2))]
                found.add(next(each for each in names if each not in found))
        before = "" if fence or mark else line
    return found


def slug(heading: str) -> str:
    """GitHub's rule: the text in lower case, without punctuation, with a hyphen for each space."""
    parts = heading.strip().split("`")  # what is code has no markup in it
    parts[::2] = [MARKUP.sub(lambda found: found[1] or found[3] or "", html.unescape(part)) for part in parts[::2]]
    return re.sub(r"[^\w\- ]", "", "".join(parts).lower()).replace(" ", "-")


def old_notebooks(course: Course) -> list[str]:
    """Notebooks that `grader release --notebooks` would change. A course need not keep any: a release makes its own."""
    return [
        f"exercises/{place.as_posix()} is out of step: grader release --notebooks"
        for place, text in notebooks(course).items()
        if (file := _exercises(course) / place).is_file() and file.read_text("utf-8") != text
    ]


def old_stubs(course: Course) -> list[str]:
    """Stubs that `grader release --stubs` would change, and markers that do not pair."""
    try:
        made = stubs(course)
    except UserError as error:
        return [str(error)]
    return [
        f"exercises/{place.as_posix()} is out of step: grader release --stubs"
        for place, text in made.items()
        if not (file := _exercises(course) / place).is_file() or file.read_text("utf-8") != text
    ]


def public(release: Path, right: Callable[[bool], bool], what: str) -> list[str]:
    """The public tests in a release whose outcome is not the right one."""
    report = release.with_suffix(".xml")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}", "exercises"]
    environment = {name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"}
    done = subprocess.run(command, cwd=release, env=environment, capture_output=True, text=True, check=False)
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
    try:
        records = list(engine.run(plan, hand_ins, jobs, lambda: False))
    except UserError as error:  # course.toml and the suites do not fit
        return [str(error)]
    for record in records:
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
