"""course.toml -> Course. Unknown keys are refused by name and line. Trusted side; imports errors and model."""

from __future__ import annotations

import ast
import difflib
import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn

from grader.errors import UserError
from grader.model import HandedOut

STEP_NAME = re.compile(r"\d\d_[a-z][a-z0-9_]*")
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
CHECK_KEYS = {"points", "hint"}
NOT_ASKED = {"points", "title", "worked", "term", "notebooks"}  # keys on which no outcome of a check depends
FORBIDDEN_KEYS = {"track", "first", "last", "what", "operations", "functions", "python", "engine"}


@dataclass(frozen=True)
class Limits:
    """What one submission may use. Wall time bounds a sleeping process, CPU time is fair on a busy machine."""

    call_wall_seconds: float
    call_cpu_seconds: float
    submission_wall_seconds: float
    submission_cpu_seconds: float
    memory_mib: int  # address space of a worker beyond that of its zygote
    output_kib: int  # text printed during one call
    answer_kib: int  # one answer of a probe


@dataclass(frozen=True)
class Term:
    """When work is due, what lateness costs, and which of several attempts counts."""

    attempts: str = ""  # which of several counts: "latest" in time, or "best"; "": learners have one
    deadline: datetime | None = None  # of all steps that have none of their own
    deadlines: dict[str, datetime] = field(default_factory=dict)  # by step
    grace_minutes: float = 0  # after a deadline, in which nothing is late
    late_per_day: float = 0  # share of the points earned that each day begun costs
    late_days: int | None = None  # after so many days nothing counts


@dataclass(frozen=True)
class Notebooks:
    """What the notebooks of the steps take from the course beside lessons, stubs, tests and explore scripts."""

    sections: dict[str, str] = field(default_factory=dict)  # track -> heading of its own part of lessons begins so
    without: tuple[str, ...] = ()  # headings of lessons that are of no use in a notebook
    files: tuple[str, ...] = ()  # beneath exercises/: what a notebook needs to run, where a step is handed out alone


@dataclass(frozen=True)
class CheckSpec:
    name: str
    points: float
    hint: str


@dataclass(frozen=True)
class Module:
    """One step in one track: a file that a learner hands in, and the hidden suite that judges it."""

    step: str
    track: str
    name: str  # of the Python module
    checks: dict[str, CheckSpec]
    worked: tuple[str, ...] = ()  # functions whose answer a lesson gives away on purpose

    @property
    def key(self) -> str:
        return f"{self.step}/{self.track}"

    @property
    def file(self) -> str:
        return f"{self.name}.py"

    @property
    def points(self) -> float:
        return sum(check.points for check in self.checks.values())


@dataclass(frozen=True)
class Step:
    id: str
    title: str
    needs: tuple[str, ...]  # ids of the earlier steps it builds on
    modules: dict[str, Module]  # by track


@dataclass(frozen=True)
class Forbidden:
    """Calls that are an exercise themselves, in one track from step `first` to step `last`."""

    track: str
    first: str
    last: str
    what: str
    operations: tuple[str, ...]
    functions: tuple[str, ...]
    python: tuple[str, ...]
    engine: bool

    def names(self) -> set[str]:
        return {*self.operations, *self.functions, *self.python}


@dataclass(frozen=True)
class Course:
    root: Path
    title: str
    tracks: dict[str, str]  # track -> suffix of its module names
    limits: Limits
    steps: dict[str, Step]
    forbidden: tuple[Forbidden, ...]
    term: Term = Term()  # frozen, and its only dict is never written
    notebooks: Notebooks = Notebooks()  # likewise

    @property
    def manifest(self) -> Path:
        return self.root / "course.toml"

    def line(self, *path: str) -> int:
        """The line of course.toml with the key at this path, for complaints about what it says."""
        return _Reader(self.manifest, self.manifest.read_text("utf-8")).line(path)

    def modules(self, steps: Iterable[str] = (), tracks: Iterable[str] = ()) -> list[Module]:
        """The modules of the selection, or of the whole course, in order. UserError: no such step or track."""
        for chosen, known, noun in ((steps, self.steps, "step"), (tracks, self.tracks, "track")):
            for name in chosen:
                if name not in known:
                    near = difflib.get_close_matches(name, known, 3)
                    what = f"there is no {noun} {name}" + (f"; there is {', '.join(near)}" if near else "")
                    raise UserError(what, next_step=f"{noun}s: {', '.join(known)}")
        wanted_steps, wanted_tracks = set(steps) or set(self.steps), set(tracks) or set(self.tracks)
        return [
            module
            for step in self.steps.values()
            for module in step.modules.values()
            if module.step in wanted_steps and module.track in wanted_tracks
        ]

    def files(self) -> dict[str, list[str]]:
        """The names of each step's module files."""
        return {name: [module.file for module in step.modules.values()] for name, step in self.steps.items()}

    def earlier(self, module: Module) -> list[Module]:
        """The modules of the same track that this one builds on, directly or not."""
        needed = set(self.steps[module.step].needs)
        for step in sorted(self.steps.values(), key=lambda step: step.id, reverse=True):
            needed |= set(step.needs) if step.id in needed else set()
        return [m for m in self.modules(tracks=[module.track]) if m.step in needed]

    def solution(self, module: Module) -> Path:
        return self.root / "solutions" / module.step / module.file

    def exercise(self, module: Module) -> Path:
        return self.root / "exercises" / module.step / module.file

    def hidden(self, step: str) -> Path:
        return self.root / "tests" / "hidden" / step

    def stub(self, module: Module) -> str:
        """What learners get of a module. UserError: its solution cannot be read, or its markers do not pair."""
        file = self.solution(module)
        try:
            return without_answers(module, file.read_text("utf-8"), str(file))
        except (OSError, ValueError, SyntaxError) as error:
            raise UserError(
                f"cannot be read as a solution: {error}", where=str(file), next_step="grader check says what is wrong"
            ) from None

    @cached_property
    def handed_out(self) -> HandedOut:
        """What learners were given, by what it is made from: exercises/ may hold what somebody has tried out there.

        UserError: a solution of which no stub can be made.
        """
        stubs: dict[str, dict[str, str]] = {}
        for module in self.modules():
            stubs.setdefault(module.step, {})[module.file] = self.stub(module)
        exercises = self.root / "exercises"
        beside = {
            file.name for place in (exercises, *map(exercises.joinpath, self.steps)) for file in place.glob("*.py")
        }
        own = {name for names in self.files().values() for name in names}
        return HandedOut(stubs, frozenset(name.lower() for name in beside - own))

    def suite(self, module: Module) -> Path:
        return self.hidden(module.step) / f"test_{module.file}"

    def probes(self, module: Module) -> Path:
        return self.hidden(module.step) / f"probes{self.tracks[module.track]}.py"

    def kits(self) -> list[Path]:
        """Modules that probes share."""
        return sorted((self.root / "tests" / "hidden").glob("kit*.py"))

    def needed_for_grading(self) -> list[Path]:
        """All files of which grading takes notice: what has to travel to another machine."""
        suites = (self.root / "tests" / "hidden").rglob("*.py")
        answers = (self.root / "solutions").rglob("*.py")
        exercises = [self.exercise(module) for module in self.modules()]
        exercises += [file.with_name(f"test_{file.name}") for file in exercises]
        found = [self.manifest, *suites, *answers, *exercises]
        return sorted(file for file in found if file.is_file())

    def forbidden_in(self, module: Module) -> dict[str, Any]:
        """What a worker's guard has to watch for, as plain data."""
        rules = [f for f in self.forbidden if f.track == module.track and f.first <= module.step <= f.last]
        return {
            "operations": [name for rule in rules for name in rule.operations],
            "functions": [name for rule in rules for name in rule.functions],
            "python": [name for rule in rules for name in rule.python],
            "engine": any(rule.engine for rule in rules),
        }

    def digests(self) -> dict[str, str]:
        """SHA-256 over everything that a verdict depends on: `course` (manifest, solutions) and `suites`.

        Points, titles and the term are left out: outcomes are stored and scores derived, so changing these needs no
        new grading.
        """
        manifest = tomllib.loads((self.root / "course.toml").read_text("utf-8"))
        asked = json.dumps(_without(manifest, NOT_ASKED), sort_keys=True).encode()
        return {
            "course": self._digest((self.root / "solutions").rglob("*.py"), asked),
            "suites": self._digest((self.root / "tests" / "hidden").rglob("*.py")),
        }

    def _digest(self, files: Iterable[Path], more: bytes = b"") -> str:
        """Over names and contents."""
        whole = hashlib.sha256(more)
        for file in sorted(files):
            source = file.read_bytes()
            whole.update(f"{file.relative_to(self.root).as_posix()}\0{len(source)}\0".encode())
            whole.update(source)
        return whole.hexdigest()


def _without(table: dict[str, Any], names: set[str]) -> dict[str, Any]:
    """The table, and the tables in it, without the keys of these names."""
    kept = {key: value for key, value in table.items() if key not in names}
    return {key: _without(value, names) if isinstance(value, dict) else value for key, value in kept.items()}


def without_answers(module: Module, source: str, file: str) -> str:
    """The stub of one solution. UserError: markers that do not pair, or two regions in one function.

    Each region between the markers that is in a function becomes one line that says what to write and where; one
    outside any function is left out.
    """
    lines = source.splitlines()
    spans = functions(source)
    out: list[str] = []
    begun = 0  # line of the open marker
    answered: set[str] = set()
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if text in (BEGIN, END):
            if (text == BEGIN) == bool(begun):
                raise UserError(f"{text} does not pair", where=f"{file}, line {number}", next_step="pair the markers")
            name = _enclosing(spans, number)
            if text == BEGIN and name:
                if name in answered:
                    raise UserError(
                        f"{name} has two regions", where=f"{file}, line {number}", next_step="make one of them"
                    )
                answered.add(name)
                indent = line[: len(line) - len(line.lstrip())]
                out.append(f'{indent}raise NotImplementedError("{module.step}: write {name}() in {module.file}")')
            begun = number if text == BEGIN else 0
        elif not begun:
            out.append(line)
    if begun:
        raise UserError(f"{BEGIN} does not pair", where=f"{file}, line {begun}", next_step="pair the markers")
    return "\n".join(out).rstrip("\n") + "\n"  # a region at the end leaves empty lines behind


def functions(source: str) -> list[tuple[str, int, int]]:
    """(qualified name, first line, last line) of every function and method, outer ones first."""
    found: list[tuple[str, int, int]] = []

    def visit(node: ast.AST, prefix: str) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.ClassDef):
                if isinstance(child, ast.FunctionDef):
                    found.append((prefix + child.name, child.lineno, child.end_lineno or child.lineno))
                visit(child, f"{prefix}{child.name}.")

    visit(ast.parse(source), "")
    return found


def _enclosing(functions: list[tuple[str, int, int]], line: int) -> str:
    """The outermost function around `line`, "" for none: what the learner has to write."""
    return next((name for name, first, last in functions if first <= line <= last), "")


HOME = Path(__file__).resolve().parents[1]  # the course that this grader came with, when it runs from its repository


def find(start: Path, home: Path = HOME) -> Path:
    """The nearest folder with a course.toml, from `start` upwards, else `home`. UserError: there is none."""
    for folder in (start, *start.parents, home):
        if (folder / "course.toml").is_file():
            return folder
    raise UserError(
        "no course.toml here or in a folder above",
        where=str(start),
        next_step="go to the course's folder, or name it: grader --course FOLDER ...",
    )


def load(root: Path) -> Course:
    """The course in `root`. UserError: course.toml cannot be read, or says something that is not understood."""
    file = root / "course.toml"
    try:
        text = file.read_text(encoding="utf-8")
        return _Reader(file, text).course(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"is not valid TOML: {error}", where=str(file), next_step="mend that line") from None
    except UnicodeDecodeError as error:
        raise UserError(f"is not UTF-8: {error}", where=str(file), next_step="save it as UTF-8") from None
    except OSError as error:
        raise UserError(
            f"cannot be read: {error.strerror}", where=str(file), next_step="check its name and rights"
        ) from None


class _Reader:
    """Turns the parsed manifest into a Course; every complaint names the key and its line."""

    def __init__(self, file: Path, text: str) -> None:
        self.file = file
        self.lines = text.splitlines()

    def course(self, data: dict[str, Any]) -> Course:
        self.keys(
            data,
            {"title", "tracks", "limits", "steps", "forbidden", "term", "notebooks"},
            {"title", "tracks", "limits", "steps"},
            (),
        )
        limits = self.limits(self.table(data["limits"], ("limits",)))
        tracks = self.table(data["tracks"], ("tracks",))
        for name in tracks:
            self.keys(self.table(tracks[name], ("tracks", name)), {"suffix"}, {"suffix"}, ("tracks", name))
            self.typed(tracks[name], "suffix", str, ("tracks", name))
        suffixes = {name: table["suffix"] for name, table in tracks.items()}
        table = self.table(data["steps"], ("steps",))
        steps = {name: self.step(name, table[name], suffixes, list(table)) for name in table}
        if list(steps) != sorted(steps):
            self.refuse("steps must stand in the order of their numbers", ("steps",))
        forbidden = data.get("forbidden", [])
        if type(forbidden) is not list:
            self.refuse("forbidden is a list of tables: [[forbidden]]", ("forbidden",))
        rules = tuple(self.forbidden_rule(rule, suffixes, list(steps)) for rule in forbidden)
        title = self.typed(data, "title", str, ())
        term = self.term(self.table(data.get("term", {}), ("term",)), list(steps))
        notebooks = self.notebooks(self.table(data.get("notebooks", {}), ("notebooks",)), suffixes)
        return Course(self.file.parent, title, suffixes, limits, steps, rules, term, notebooks)

    def limits(self, data: dict[str, Any]) -> Limits:
        names = {field.name for field in fields(Limits)}
        self.keys(data, names, names, ("limits",))
        for name in names:
            if type(data[name]) not in (int, float) or not 0 < data[name] < float("inf"):
                self.refuse(f"limits.{name} must be a number above 0", ("limits", name))
        return Limits(**data)

    def notebooks(self, data: dict[str, Any], tracks: Iterable[str]) -> Notebooks:
        self.keys(data, {field.name for field in fields(Notebooks)}, set(), ("notebooks",))
        sections = self.table(data.get("sections", {}), ("notebooks", "sections"))
        self.keys(sections, set(tracks), set(), ("notebooks", "sections"))
        for track in sections:
            self.typed(sections, track, str, ("notebooks", "sections"))
        without, files = (tuple(self.names(data, key, ("notebooks", key))) for key in ("without", "files"))
        return Notebooks(sections, without, files)

    def names(self, table: Mapping[str, Any], key: str, path: tuple[str, ...]) -> list[str]:
        value = table.get(key, [])
        if type(value) is not list or not all(type(name) is str for name in value):
            self.refuse(f"{'.'.join(path)} must be a list of names", path)
        return list(value)

    def term(self, data: dict[str, Any], steps: list[str]) -> Term:
        self.keys(data, {field.name for field in fields(Term)}, set(), ("term",))
        if data.get("attempts", "latest") not in ("latest", "best"):
            self.refuse('term.attempts must be "latest" or "best"', ("term", "attempts"))
        for name, most in (("grace_minutes", float("inf")), ("late_per_day", 1)):
            if type(data.get(name, 0)) not in (int, float) or not 0 <= data.get(name, 0) <= most:
                self.refuse(f"term.{name} must be a number from 0 to {most}", ("term", name))
        if type(data.get("late_days", 0)) is not int or data.get("late_days", 0) < 0:
            self.refuse("term.late_days must be a whole number, 0 or more", ("term", "late_days"))
        deadlines = self.table(data.get("deadlines", {}), ("term", "deadlines"))
        self.keys(deadlines, set(steps), set(), ("term", "deadlines"))
        times = [(("term", "deadlines", step), time) for step, time in deadlines.items()]
        for path, time in [*times, *([(("term", "deadline"), data["deadline"])] if "deadline" in data else [])]:
            if type(time) is not datetime or time.tzinfo is None:
                self.refuse(f"{'.'.join(path)} must be a time with an offset, as 2027-01-31T23:59:00+01:00", path)
        return Term(**data)

    def step(self, name: str, data: object, suffixes: dict[str, str], order: list[str]) -> Step:
        path = ("steps", name)
        if not STEP_NAME.fullmatch(name):
            self.refuse(f"a step is called NN_name, not {name!r}", path)
        table = self.table(data, path)
        self.keys(table, {"title", "needs", *suffixes}, {"title"}, path)
        needs = table.get("needs", [])
        if type(needs) is not list or not all(need in order[: order.index(name)] for need in needs):
            self.refuse(f"steps.{name}.needs must be a list of earlier steps", (*path, "needs"))
        modules = {
            track: self.module(name, track, table[track], suffixes[track]) for track in suffixes if track in table
        }
        return Step(name, self.typed(table, "title", str, path), tuple(needs), modules)

    def module(self, step: str, track: str, data: object, suffix: str) -> Module:
        path = ("steps", step, track)
        table = self.table(data, path)
        self.keys(table, {"checks", "worked"}, {"checks"}, path)
        checks = self.table(table["checks"], (*path, "checks"))
        specs = {name: self.check(name, checks[name], (*path, "checks", name)) for name in checks}
        worked = table.get("worked", [])
        if type(worked) is not list or not all(type(name) is str for name in worked):
            self.refuse(f"{'.'.join(path)}.worked must be a list of names of functions", (*path, "worked"))
        return Module(step, track, step.split("_", 1)[1] + suffix, specs, tuple(worked))

    def check(self, name: str, data: object, path: tuple[str, ...]) -> CheckSpec:
        table = self.table(data, path)
        self.keys(table, CHECK_KEYS, CHECK_KEYS, path)
        if type(table["points"]) not in (int, float) or not 0 <= table["points"] < float("inf"):
            self.refuse(f"{'.'.join(path)}.points must be a number, 0 or more", path)
        return CheckSpec(name, table["points"], self.typed(table, "hint", str, path))

    def forbidden_rule(self, data: object, suffixes: dict[str, str], steps: list[str]) -> Forbidden:
        path = ("forbidden",)
        table = self.table(data, path)
        self.keys(table, FORBIDDEN_KEYS, {"track", "first", "what"}, path)
        if table["track"] not in suffixes:
            self.refuse(f"forbidden.track: there is no track {table['track']!r}", path)
        for key in ("first", "last"):
            if key in table and table[key] not in steps:
                self.refuse(f"forbidden.{key}: there is no step {table[key]!r}", path)
        names = {key: self.names(table, key, ("forbidden", key)) for key in ("operations", "functions", "python")}
        return Forbidden(
            table["track"],
            table["first"],
            table.get("last", steps[-1]),
            self.typed(table, "what", str, path),
            tuple(names["operations"]),
            tuple(names["functions"]),
            tuple(names["python"]),
            table.get("engine", False) is True,
        )

    def keys(self, table: Mapping[str, Any], known: set[str], needed: set[str], path: tuple[str, ...]) -> None:
        for key in table:
            if key not in known:
                self.refuse(
                    f"unknown key {'.'.join((*path, key))!r}; known here: {', '.join(sorted(known))}", (*path, key)
                )
        for key in sorted(needed):
            if key not in table:
                self.refuse(f"the key {'.'.join((*path, key))!r} is missing", path)

    def table(self, value: object, path: tuple[str, ...]) -> dict[str, Any]:
        if not isinstance(value, dict):
            self.refuse(f"{'.'.join(path)!r} must be a table", path)
        return value

    def typed(self, table: Mapping[str, Any], key: str, kind: type, path: tuple[str, ...]) -> Any:
        if type(table[key]) is not kind:
            self.refuse(f"{'.'.join((*path, key))!r} must be a {kind.__name__}", (*path, key))
        return table[key]

    def refuse(self, what: str, path: tuple[str, ...]) -> NoReturn:
        raise UserError(what, where=f"{self.file}, line {self.line(path)}", next_step="mend that line")

    def line(self, path: tuple[str, ...]) -> int:
        """The line of the key at `path`, or of the nearest table above it (tomllib keeps no positions)."""
        header, best, depth = "", 1, -1
        for number, text in enumerate(self.lines, 1):
            table = re.match(r"\s*\[\[?\s*([^\]]+?)\s*\]", text)
            header = table[1] if table else header
            key = re.match(r"\s*([\w.\-\"']+)\s*=", text)
            here = tuple(re.sub(r"[\"'\s]", "", header).split(".")) if header else ()
            if key and not table:
                here += tuple(re.sub(r"[\"']", "", key[1]).split("."))
            if path and here[: len(path)] == path:
                return number
            if here == path[: len(here)] and len(here) > depth:
                best, depth = number, len(here)
        return best
