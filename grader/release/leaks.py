"""Whether a folder gives away what learners must not have: answers from between the markers, hidden tests, probes.

Trusted side; imports course and stubs. Compared are lines without indentation and comment signs, so that an answer is
found in a comment, in a lesson, and in a notebook's sources, outputs and metadata.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from grader.course import Course, Module
from grader.release.stubs import BEGIN, END, functions

LONG = 40  # characters: an answer's line of this length is one that nobody else writes by chance
PAIR = 80  # characters of two neighbouring lines of a hidden file; shorter ones stand in any test


@dataclass(frozen=True)
class Leak:
    file: Path  # beneath the folder that was searched
    line: int
    secret: str  # where it comes from

    def __str__(self) -> str:
        return f"{self.file.as_posix()}, line {self.line}: gives away {self.secret}"


def leaks(folder: Path, course: Course) -> list[Leak]:
    """Every place in `folder` where a secret passage stands, the first of each passage's lines."""
    secret = secrets(course)
    found = []
    for file in sorted(file for file in folder.rglob("*") if file.is_file()):
        lines = [(number, line) for number, line in _lines(file) if line]
        passages: list[tuple[int, tuple[str, ...]]] = [(number, (line,)) for number, line in lines]
        passages += [(number, (first, second)) for (number, first), (_, second) in pairwise(lines)]
        found += [
            Leak(file.relative_to(folder), number, secret[passage]) for number, passage in passages if passage in secret
        ]
    return found


def secrets(course: Course) -> dict[tuple[str, ...], str]:
    """Each passage of one or two lines that gives something away, and where it comes from."""
    found: dict[tuple[str, ...], str] = {}
    shown = {line for module in course.modules() for line in _worked(course, module)}
    given = {line for module in course.modules() for line in _outside(course, module)}
    for module in course.modules():
        source = f"the solution of {module.key}"
        for region in _regions(course.solution(module).read_text("utf-8")):
            lines = [line for line in region if line not in shown]
            found |= {(line,): source for line in lines if len(line) >= LONG and line not in given}
            found |= {pair: source for pair in pairwise(lines) if not given.issuperset(pair)}
    for file in sorted((course.root / "tests" / "hidden").rglob("*.py")):
        lines = [line for line in map(plain, file.read_text("utf-8").splitlines()) if _is_telling(line)]
        source = file.relative_to(course.root).as_posix()
        found |= {pair: source for pair in pairwise(lines) if len("".join(pair)) >= PAIR}
    return found


def plain(line: str) -> str:
    """A line without indentation, comment signs and runs of spaces."""
    return " ".join(line.strip().lstrip("#>").split())


def _is_telling(line: str) -> bool:
    """Not empty, not an import, not a sentence: public tests promise the same in the same words."""
    return bool(line) and not line.startswith(("import ", "from ", '"""'))


def _regions(source: str) -> Iterator[list[str]]:
    for part in source.split(BEGIN)[1:]:
        yield [line for line in map(plain, part.split(END)[0].splitlines()) if line]


def _outside(course: Course, module: Module) -> Iterator[str]:
    """What a solution holds outside the markers: the stub has it too."""
    for part in course.solution(module).read_text("utf-8").split(END):
        yield from map(plain, part.split(BEGIN)[0].splitlines())


def _worked(course: Course, module: Module) -> Iterator[str]:
    """The lines of the functions that the course itself works through in its lessons."""
    source = course.solution(module).read_text("utf-8")
    lines = source.splitlines()
    for name, first, last in functions(source):
        if name in module.worked:
            yield from map(plain, lines[first - 1 : last])


def _lines(file: Path) -> Iterator[tuple[int, str]]:
    """(number, line) of a file; of a notebook every line of every text in it, under the number 1."""
    text = file.read_text("utf-8", errors="replace")
    if file.suffix != ".ipynb":
        yield from ((number, plain(line)) for number, line in enumerate(text.splitlines(), 1))
        return
    for string in _strings(json.loads(text)):
        yield from ((1, plain(line)) for line in string.splitlines())


def _strings(data: Any) -> Iterable[str]:
    """The texts in parsed JSON; a list of texts, as sources are kept, is one text."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, list) and data and all(isinstance(item, str) for item in data):
        yield "".join(item if item.endswith("\n") else f"{item}\n" for item in data)
    elif isinstance(data, list | dict):
        for item in data if isinstance(data, list) else data.values():
            yield from _strings(item)
