"""Turns what a failed test raised into what its learner needs: a sentence, their own line, nothing of pytest's insides.

Runs in the learner's pytest process; used by conftest.py. May import the standard library and expect.py only.
"""

from __future__ import annotations

import linecache
import os
import re
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path

import expect

STUB = re.compile(r"^(\d\d_\w+): (write .+)$")
INNER = re.compile(r"\.<(locals|listcomp|setcomp|dictcomp|genexpr|lambda)>")  # of a qualified name
NAME_MISSING = re.compile(r"^cannot import name '(\w+)' from '(\w+)'")


@dataclass(frozen=True)
class Unit:
    """One module that a learner writes: a step in one track."""

    folder: Path
    name: str  # of the module: softmax, softmax_torch

    @property
    def step(self):
        return self.folder.name

    @property
    def track(self):
        return "torch" if self.name.endswith("_torch") else "pure"

    @property
    def file(self):
        return self.folder / f"{self.name}.py"

    @property
    def tests(self):
        return self.folder / f"test_{self.name}.py"


class Missing(expect.Failure, AttributeError):
    """A module of the learner's does not define a name that a test asked for."""

    def __init__(self, unit, name):
        super().__init__(f"{unit.file.name} does not define {name}")
        self.unit = unit


@dataclass(frozen=True)
class Explained:
    """Why a test fails. Failures with the same sentence and lines have the same cause and are shown together."""

    sentence: str
    lines: tuple[str, ...] = ()
    cause: str = "wrong"  # "todo": a stub is not written yet; "broken": a file cannot be used at all; or "wrong"
    needs: Unit | None = None  # the unit to work on first, where it is not the test's own


class Explainer:
    """Knows the units of the course and how to name a path from where the learner stands."""

    def __init__(self, units, here):
        self.units = units
        self.folders = {unit.folder for unit in units}
        self.here = here  # the directory pytest was started in

    def path(self, path):
        """`path` as the learner would type it."""
        try:
            return Path(os.path.relpath(path, self.here)).as_posix()
        except ValueError:  # Windows: another drive
            return Path(path).as_posix()

    def command(self, unit):
        return f"pytest {self.path(unit.tests)}"

    def explain(self, error, unit):
        """Why a test of `unit` ended in `error`."""
        stub = STUB.match(expect.said(error)) if isinstance(error, NotImplementedError) else None
        if stub:
            return self._todo(unit, *stub.groups())
        if isinstance(error, SyntaxError) and Path(error.filename or "").parent in self.folders:
            return self._syntax(error, unit)
        if isinstance(error, Missing):
            return Explained(str(error), cause="broken", needs=error.unit if error.unit != unit else None)
        own = error.__cause__ if isinstance(error, expect.Failure) and error.__cause__ else error
        frames = self._learner_frames(own)
        if isinstance(error, expect.Failure):
            sentence, *details = str(error).splitlines()
            return Explained(sentence, (*details, *self._places(frames, unit)), "wrong", self._elsewhere(frames, unit))
        if isinstance(error, ImportError):
            return self._import(error, frames, unit)
        if isinstance(error, AssertionError) and not frames:
            return Explained(*_asserted(error))
        if isinstance(error, AttributeError) and not frames and self._is_learners(error.obj):
            kind = type(error.obj)
            return Explained(f"{kind.__module__}.py: {kind.__name__} does not define {error.name}")
        return self._raised(error, frames, unit)

    def unusable(self, file, error):
        """Why a test file cannot be read or imported."""
        if isinstance(error, SyntaxError):
            return self._syntax(error, Unit(file.parent, file.stem))
        return Explained(
            f"{file.name} cannot be used: {type(error).__name__}: {expect.said(error)}", tuple(_test_line(error))
        )

    # One kind of failure each

    def _todo(self, unit, step, task):
        if step == unit.step:
            return Explained(f"{step}: {task}", cause="todo")
        named = [u for u in self.units if u.step == step and task.endswith(u.file.name)]
        other = named[0] if named else None
        then = f". Next: {self.command(other)}" if other else ""
        return Explained(f"{unit.step} needs {step}, which is not done yet: {task}{then}", cause="todo", needs=other)

    def _syntax(self, error, unit):
        path = Path(error.filename)
        at, lines = path.name, []
        if error.lineno:
            at = f"{path.name}, line {error.lineno},"
            text = error.text or linecache.getline(str(path), error.lineno)
            indent = len(text) - len(text.lstrip())
            lines = [f"{self.path(path)}:{error.lineno}", f"    {text.strip()}"]
            if error.offset and error.offset > indent:
                lines.append("    " + " " * (error.offset - 1 - indent) + "^")
        sentence = f"{at} cannot be read by Python: {type(error).__name__}: {error.msg}"
        return Explained(sentence, tuple(lines), "broken", self._owner(path, unit))

    def _import(self, error, frames, unit):
        places = tuple(self._places(frames, unit))
        at = Path(frames[-1][0]).name if frames else unit.file.name
        missing = next((u for u in self.units if u.name == error.name and not u.file.exists()), None)
        if missing:
            sentence = f"{missing.step}/{missing.file.name} is missing: put the file back where it was"
            return Explained(sentence, places, "broken", missing if missing != unit else None)
        if isinstance(error, ModuleNotFoundError):
            sentence = f"{at} imports {error.name}, which Python cannot find"
        elif name := NAME_MISSING.match(expect.said(error)):
            sentence = f"{name[2]}.py does not define {name[1]}, which {at} imports"
        else:
            sentence = f"{at} cannot be imported: {expect.said(error)}"
        return Explained(sentence, places, "broken", self._elsewhere(frames, unit))

    def _raised(self, error, frames, unit):
        kind, text = type(error).__name__, expect.said(error)
        what = f"{kind}: {text}" if text else kind
        if not frames:
            return Explained(f"The test could not go on: {what}", tuple(_test_line(error)))
        file, _, function = frames[-1]
        at = Path(file).name
        if isinstance(error, RecursionError):
            sentence = (
                f"{at}: {function}() calls itself too deeply (Python stops after {sys.getrecursionlimit()} nested"
                " calls): a loop with a list of its own has no such limit"
            )
        elif isinstance(error, OSError) and "reading from stdin" in text:  # pytest's words
            sentence = f"{at} asks for input, and there is nobody who could answer while tests run"
        elif function == "<module>":
            sentence = f"{at} cannot be imported, it raised {what}"
        else:
            sentence = f"{function}() in {at} raised {what}"
        cause = "broken" if function == "<module>" else "wrong"
        lines = (*getattr(error, "__notes__", ()), *self._places(frames, unit))
        return Explained(sentence, lines, cause, self._elsewhere(frames, unit))

    def interrupted(self, interrupt, seconds):
        """Ctrl-C as a failure of the learner's code that was at work for so long; None: it was not at work."""
        frames = self._learner_frames(interrupt)
        if not frames:
            return None
        file, _, function = frames[-1]
        return expect.Failure(
            f"{function}() in {Path(file).name} was at work when you pressed Ctrl-C, {seconds:.0f} s after the test"
            " began: does its loop come to an end?"
        )

    # Where it happened

    def at_work(self, frame):
        """The place of the learner's code that runs in or below this frame, as text; "" where none does."""
        frames = self._learners(traceback.walk_stack(frame))
        return next(self._place("", frames[0])) if frames else ""

    def _learner_frames(self, error):
        return self._learners(traceback.walk_tb(error.__traceback__))

    def _learners(self, walk):
        """(file, line, function) of each of these frames that is in a learner's own file."""
        frames = []
        for frame, line in walk:
            path = Path(frame.f_code.co_filename)
            if path.parent in self.folders and not path.name.startswith("test_"):
                frames.append((str(path), line, INNER.sub("", frame.f_code.co_qualname)))
        return frames

    def _places(self, frames, unit):
        """The line that raised and, where that is another step's, the line of this step that led there."""
        if not frames:
            return
        yield from self._place("", frames[-1])
        own = [frame for frame in frames if Path(frame[0]) == unit.file]
        if own and Path(frames[-1][0]) != unit.file:
            yield from self._place("called from ", own[-1])

    def _place(self, how, frame):
        file, line, function = frame
        inside = "" if function == "<module>" else f", in {function}()"
        yield f"{how}{self.path(file)}:{line}{inside}"
        yield f"    {linecache.getline(file, line).strip()}"

    def _owner(self, path, unit):
        """The unit whose file `path` is, None where it is this one's or nobody's."""
        return next((u for u in self.units if u.file == path and u != unit), None)

    def _elsewhere(self, frames, unit):
        """An earlier unit in whose file the code stopped while it was being imported."""
        if frames and frames[-1][2] == "<module>":
            return self._owner(Path(frames[-1][0]), unit)
        return None

    def _is_learners(self, thing):
        return type(thing).__module__ in {unit.name for unit in self.units}


def _asserted(error):
    """A plain `assert` in a test: its sentence, then pytest's account of the comparison when that is short."""
    sentence, _, account = str(error).partition("\nassert ")
    if not account:
        lines = sentence.splitlines() or ["the test's assertion is false"]
        return lines[0], tuple(line.strip() for line in lines[1:6] if " object at 0x" not in line)
    first = account.splitlines()[0]
    telling = len(first) < 100 and " " in first and " object at 0x" not in first and "<class" not in first
    return " ".join(sentence.split()), ((f"assert {first}",) if telling else ())


def _test_line(error):
    """The line of the test at which it stopped."""
    for frame, line in traceback.walk_tb(error.__traceback__):
        file = frame.f_code.co_filename
        if Path(file).name.startswith("test_"):
            return [f"{Path(file).name}:{line}", f"    {linecache.getline(file, line).strip()}"]
    return []
