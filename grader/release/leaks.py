"""Whether a folder gives away what learners must not have: answers from between the markers, hidden tests, hints.

Trusted side; imports course and stubs. A file is searched as text, and one that cannot be is refused: what nobody has
looked into is not handed out. Long passages are compared word by word, so that neither quotes, bullets, table pipes,
comment signs nor broken lines hide one; two short lines are found where one stands below the other. A text is also
read without its tags and escapes, and what is base64 in it is decoded; of a notebook everything is read: sources,
outputs, attachments, metadata.

Not found: an answer in other words or with other names, a single short line, and what a picture shows.
"""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from itertools import pairwise
from pathlib import Path
from typing import Any

from grader.course import Course, Module
from grader.release.stubs import BEGIN, END, functions

LONG = 40  # characters: an answer's line of this length is one that nobody else writes by chance
PAIR = 80  # characters of two neighbouring lines of a hidden file; shorter ones stand in any test
FEWEST = 5  # words of a passage that is looked for within lines, and of those the first, by which it is found
SHOWN = 50  # characters of a passage that a message quotes
MANIFEST = "course.toml"

LEFT_BEHIND = ("__pycache__", ".*", "my_gpt")  # what trying out a course leaves in it; never handed out
TEXTS = {
    *(".py", ".md", ".rst", ".txt", ".csv", ".svg", ".html", ".css", ".js"),
    *(".toml", ".ini", ".cfg", ".yml", ".yaml", ".sh", ".bat"),
}
JSONS = {".json", ".ipynb"}
PNG = (b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82")  # how one begins and ends: nothing is tied to it
NAMES = {"LICENSE", "Makefile", ".gitignore"}  # texts without a suffix

WORD = re.compile(r"\w+")
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f]")  # in no text; UTF-16 is valid UTF-8 with every other byte zero
DECORATION = re.compile(r"^(?:[#>*|+`\s-]|\d+[.)]\s|\.\.\.\s)+|[\s|`\\]+$")  # of a line of a lesson or a comment
COMMENT = re.compile(r"\s{2,}#\s.*$")  # behind code: whoever quotes an answer may leave it out
COLOURS = re.compile(r"\x1b\[[0-9;]*m")  # in tracebacks that a notebook keeps
TAGS = re.compile(r"</?[a-zA-Z][^<>\n]*>")
ESCAPES = re.compile(r"\\[nrt]")
BASE64 = re.compile(r"[A-Za-z0-9+/]{40,}(?:\s[A-Za-z0-9+/]{4,})*={0,2}")  # over line ends, too
PACKED = (b"PK\x03\x04", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")  # how zip, gzip, bzip2 and xz begin


@dataclass(frozen=True)
class Leak:
    file: Path  # beneath the folder that was searched
    line: int  # 0: the file as a whole
    what: str  # said of the file

    def __str__(self) -> str:
        return f"{self.file.as_posix()}{f', line {self.line}' if self.line else ''}: {self.what}"


class Unsearchable(Exception):
    """Why a file cannot be searched."""


@dataclass(frozen=True)
class Secrets:
    """What gives something away -> where it comes from."""

    runs: dict[tuple[str, ...], str]  # words that follow one another anywhere
    pairs: dict[tuple[str, str], str]  # lines that stand below one another


def leaks(folder: Path, course: Course, without: Iterable[str] = ()) -> list[Leak]:
    """Every place in `folder` where a secret passage stands, and every file that cannot be searched.

    `without` are patterns of names of files and folders that are not looked at, since they are not handed out.
    """
    search = _Search(secrets(course))
    skipped = tuple(without)
    found: list[Leak] = []
    for file in sorted(file for file in folder.rglob("*") if file.is_file()):
        place = file.relative_to(folder)
        if any(fnmatch(part, pattern) for part in place.parts for pattern in skipped):
            continue
        try:
            said = {each: None for text in readings(file) for each in search(text)}
        except Unsearchable as problem:
            found.append(Leak(place, 0, f"cannot be searched for answers: {problem}"))
            continue
        kept = file.suffix.lower() not in JSONS  # else the lines are not those of the file
        found += [Leak(place, line if kept else 0, f"gives away {what}") for line, what in said]
    return found


def secrets(course: Course) -> Secrets:
    """Every passage that gives something away, but what learners have got anyway: the stubs, and what is worked."""
    runs: dict[tuple[str, ...], str] = {}
    pairs: dict[tuple[str, str], str] = {}
    shown = {line for module in course.modules() for line in _worked(course, module)}
    given = {line for module in course.modules() for line in _outside(course, module)}
    for module in course.modules():
        source = f"the solution of {module.key}"
        for region in _regions(course.solution(module).read_text("utf-8")):
            runs |= {_words(line): source for line in region if len(line) >= LONG and plain(line) not in shown | given}
            lines = [line for line in filter(None, map(plain, region)) if line not in shown]
            runs |= {_words(line): source for line in lines if len(line) >= LONG and line not in given}
            below = [pair for pair in pairwise(lines) if not given.issuperset(pair)]
            pairs |= dict.fromkeys(below, source)
            runs |= {_words("\n".join(pair)): source for pair in below if len("".join(pair)) >= LONG}
    for file in [*sorted((course.root / "tests" / "hidden").rglob("*.py")), course.root / MANIFEST]:
        lines = [line for line in map(plain, file.read_text("utf-8").splitlines()) if _is_telling(line)]
        source = file.relative_to(course.root).as_posix()
        below = [pair for pair in pairwise(lines) if len("".join(pair)) >= PAIR]
        pairs |= dict.fromkeys(below, source)
        runs |= {_words("\n".join(pair)): source for pair in below}
    return Secrets({words: source for words, source in runs.items() if len(words) >= FEWEST}, pairs)


def plain(line: str) -> str:
    """A line without indentation, comment signs, bullets, pipes, runs of spaces, and the comment at its end."""
    return " ".join(COMMENT.sub("", DECORATION.sub("", line)).split())


def _words(text: str) -> tuple[str, ...]:
    return tuple(WORD.findall(ESCAPES.sub(" ", text)))


def _is_telling(line: str) -> bool:
    """Not empty, not an import, not a sentence: public tests promise the same in the same words."""
    return bool(line) and not line.startswith(("import ", "from ", '"""'))


def _regions(source: str) -> Iterator[list[str]]:
    for part in source.split(BEGIN)[1:]:
        yield [line.strip() for line in part.split(END)[0].splitlines()]


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


class _Search:
    """Finds secret passages in texts."""

    def __init__(self, secret: Secrets) -> None:
        self.pairs = secret.pairs
        self.runs: dict[tuple[str, ...], list[tuple[tuple[str, ...], str]]] = defaultdict(list)
        for words, source in secret.runs.items():
            self.runs[words[:FEWEST]].append((words, source))
        self.first = {words[0] for words in self.runs}

    def __call__(self, text: str) -> Iterator[tuple[int, str]]:
        """(line, what stands there) of every passage; of each line and source one."""
        seen = set()
        for line, quoted, source in [*self.below(text), *self.within(text)]:
            if (line, source) not in seen:
                seen.add((line, source))
                yield line, f"{source} ({quoted[:SHOWN]}{'...' if len(quoted) > SHOWN else ''})"

    def below(self, text: str) -> Iterator[tuple[int, str, str]]:
        lines = [(number, line) for number, line in enumerate(map(plain, text.splitlines()), 1) if line]
        for (number, first), (_, second) in pairwise(lines):
            if (first, second) in self.pairs:
                yield number, f"{first} / {second}", self.pairs[first, second]

    def within(self, text: str) -> Iterator[tuple[int, str, str]]:
        lines = text.splitlines()
        words = [(word, number) for number, line in enumerate(lines, 1) for word in _words(line)]
        plain_words = tuple(word for word, _ in words)
        for at, (word, number) in enumerate(words):
            if word in self.first:
                for run, source in self.runs.get(plain_words[at : at + FEWEST], ()):
                    if plain_words[at : at + len(run)] == run:
                        yield number, plain(lines[number - 1]), source


def readings(file: Path) -> Iterator[str]:
    """The texts of a file: as it is, without tags and escapes, and what is encoded in it. Unsearchable: it has none."""
    suffix = file.suffix.lower()
    if suffix == ".png":
        if not (content := file.read_bytes()).startswith(PNG[0]) or not content.endswith(PNG[1]):
            raise Unsearchable("it is no picture, or more than one")
        return
    if suffix not in TEXTS | JSONS and file.name not in NAMES:
        raise Unsearchable("its name is not that of a text; move it away")
    text = _decoded(file.read_bytes())
    if suffix in JSONS:
        try:
            text = "\n".join(_strings(json.loads(text)))
        except (ValueError, RecursionError):
            raise Unsearchable("it is not valid JSON") from None
    text = COLOURS.sub("", text)
    yield text
    bare = html.unescape(TAGS.sub("", text))
    if bare != text:
        yield bare
    yield from _encoded(text)


def _decoded(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unsearchable("it is not UTF-8; save it as that") from None
    if control := CONTROLS.search(text):
        raise Unsearchable(f"it is no text: it holds the byte {ord(control[0])}")
    return text


def _encoded(text: str) -> Iterator[str]:
    """The texts that stand in it as base64. Unsearchable: something packed does."""
    for match in BASE64.finditer(text):
        letters = "".join(match[0].split()).rstrip("=")
        try:
            content = base64.b64decode(letters[: len(letters) // 4 * 4])
        except binascii.Error:
            continue
        if content.startswith(PACKED):
            raise Unsearchable("a packed file stands in it, as base64")
        yield content.decode("utf-8", errors="replace")


def _strings(data: Any) -> Iterator[str]:
    """The texts in parsed JSON, names included; a list of texts, as sources are kept, is one text."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, list) and data and all(isinstance(item, str) for item in data):
        yield "".join(item if item.endswith("\n") else f"{item}\n" for item in data)
    elif isinstance(data, dict):
        for name, item in data.items():
            yield name
            yield from _strings(item)
    elif isinstance(data, list):
        for item in data:
            yield from _strings(item)
