"""Asks again what a hidden check asked, and compares with the reference's answers. Nothing here protects anything.

This text stands in a hidden cell of nbgrader's assignments and runs in the notebook's kernel, in one process with the
learner's code. May import the standard library only.
"""

import contextlib
import functools
import importlib.abc
import importlib.util
import io
import math
import operator
import sys
from math import inf, nan  # noqa: F401  # so are these written in questions
from typing import Any


class Checks(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """The probes of one module. `kits`: what probes share, by module name."""

    def __init__(self, kits: dict[str, str], probes: str) -> None:
        self.kits = kits
        self.source = probes
        self.probes: dict[str, Any] = {}
        sys.meta_path.insert(0, self)

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        return importlib.util.spec_from_loader(name, self) if name in self.kits else None

    def exec_module(self, module: Any) -> None:
        exec(compile(self.kits[module.__name__], module.__name__, "exec"), vars(module))

    def call(self, probe: str, case: list[Any]) -> Any:
        """A probe's answer. What is printed is not kept: nbgrader takes a word on stderr for a failure."""
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            if not self.probes:
                self.probes["__name__"] = "probes"
                exec(compile(self.source, "probes", "exec"), self.probes)
            return self.probes[probe](*case)

    def replay(self, questions: list[dict[str, Any]]) -> None:
        """AssertionError: an answer is not the expected one. An exception that was not expected is raised."""
        for question in questions:
            probe, cases = question["probe"], question["cases"]
            if "raises" in question:
                self.must_raise(question["raises"], probe, cases[0])
                continue
            answers = [self.call(probe, case) for case in cases]
            for want, rel, abs_, path in question["wants"]:
                got = functools.reduce(operator.getitem, path, answers)
                assert agrees(got, want, rel, abs_), f"the answer is wrong: {probe}"

    def must_raise(self, kind: str, probe: str, case: list[Any]) -> None:
        try:
            self.call(probe, case)
        except Exception as error:
            if kind not in [base.__name__ for base in type(error).__mro__]:
                raise
        else:
            raise AssertionError(f"{kind} was expected, and nothing was raised: {probe}")


def agrees(got: Any, want: Any, rel: float, abs_: float) -> bool:
    """Exact types and structure; floats within max(rel * |want|, abs_)."""
    if type(got) is not type(want):
        return False
    if type(want) is float:
        gap: float = abs(got - want)
        return got == want or gap <= max(rel * abs(want), abs_) or (math.isnan(got) and math.isnan(want))
    if type(want) is list:
        return len(got) == len(want) and all(agrees(g, w, rel, abs_) for g, w in zip(got, want, strict=True))
    if type(want) is dict:
        return list(got) == list(want) and all(agrees(got[key], want[key], rel, abs_) for key in want)
    same: bool = got == want
    return same
