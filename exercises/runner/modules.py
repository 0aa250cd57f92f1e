"""Finds the learner's modules, says which step is not done yet, and turns their errors into sentences.

Used by microgpt.py. May import the standard library only.
"""

from __future__ import annotations

import ast
import importlib.util
import linecache
import os
import re
import sys
import traceback
from pathlib import Path

PROGRAM = Path(__file__).resolve().parents[1] / "microgpt.py"
STUB = re.compile(r"(?P<step>\d\d_\w+): (?P<todo>write (?P<function>[\w.]+)\(\) in \S+)")


class Problem(Exception):
    """Something that stops a command: what is wrong, and what to do next."""

    def __init__(self, what: str, next_step: str = "") -> None:
        super().__init__(what)
        self.next_step = next_step


class LearnerModules:
    """Finds the modules of the ten steps by their bare names, in one folder of steps, before anything else."""

    def __init__(self, folder: Path, suffix: str) -> None:
        self.suffix = suffix
        self.files = {}  # module name -> file, in the order of the steps
        for step in sorted(folder.glob("[0-9][0-9]_*")):
            name = step.name[3:] + suffix
            self.files[name] = step / f"{name}.py"

    def find_spec(self, name, path=None, target=None):
        file = self.files.get(name)
        return importlib.util.spec_from_file_location(name, file) if file else None

    def install(self):
        sys.meta_path.insert(0, self)
        sys.path.extend(str(file.parent) for file in self.files.values())  # for helper files of the learner's own

    def require(self, numbers):
        """Problem: one of these steps is not done yet; the first one is named."""
        for file in self.files.values():
            if int(file.parent.name[:2]) not in numbers:
                continue
            for stub in stubs(file):
                raise Problem(f"{stub['step']} is not done yet: {stub['todo']}", command(file))

    def explain(self, error):
        """An exception as a Problem that names the learner's line; None: no line of theirs is involved."""
        files = {str(file): file for file in self.files.values()}
        lines = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename in files]
        if not lines:
            return None
        last = lines[-1]
        text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        where = f"{short(files[last.filename])}, line {last.lineno}, in {last.name}"
        return Problem(
            f"{text}\n  {where}\n    {linecache.getline(last.filename, last.lineno).strip()}",
            command(files[last.filename]),
        )


def command(file):
    """What to type to see a step's tests."""
    return f"pytest {short(file.with_name(f'test_{file.name}'))}"


def stubs(file):
    """What a module still raises NotImplementedError for, in the order of its lines. Problem: it cannot be read."""
    if not file.is_file():
        raise Problem(f"{file.parent.name}/{file.name} is missing", f"write it, then {command(file)}")
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError) as error:
        where = f", line {error.lineno}: {error.msg}" if isinstance(error, SyntaxError) else f": {error}"
        raise Problem(f"{file.parent.name}/{file.name}{where}", command(file)) from None
    raised = [node.exc for node in ast.walk(tree) if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)]
    texts = [
        (call.lineno, argument.value)
        for call in raised
        if isinstance(call.func, ast.Name) and call.func.id == "NotImplementedError"
        for argument in call.args
        if isinstance(argument, ast.Constant)
    ]
    return [match for _, text in sorted(texts) if (match := STUB.fullmatch(str(text)))]


def typed(words):
    """What to type for a command of microgpt.py."""
    return f"python {short(PROGRAM)} {words}"


def short(path):
    """A path as it would be typed here."""
    try:
        return os.path.relpath(path)
    except ValueError:  # another drive of Windows
        return str(path)
