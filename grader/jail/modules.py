"""The learner's modules and the course's probes, from sources in memory.

Untrusted side: runs in the worker. Imports the standard library only. Sources arrive over the wire, so the worker needs
no folder of its own, and a path on disk can neither be read nor shadow a module of the standard library.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import sys
from collections.abc import Sequence
from types import CodeType, ModuleType


class SourceFinder:
    """A meta-path finder over `{module name: (file name to show, source)}`; `compiled` saves compiling some of them."""

    def __init__(self, sources: dict[str, tuple[str, bytes]], compiled: dict[str, CodeType]) -> None:
        self.sources = sources
        self.compiled = compiled

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name not in self.sources:
            return None
        file, source = self.sources[name]
        loader = SourceLoader(file, source, self.compiled.get(name))
        return importlib.machinery.ModuleSpec(name, loader, origin=file)  # type: ignore[arg-type]  # see SourceLoader


class SourceLoader:
    """Executes one source. Tracebacks show its lines, because linecache asks the loader for them.

    It has a loader's methods but is no `importlib.abc.Loader`: importing that one would double what a worker holds.
    """

    def __init__(self, file: str, source: bytes, code: CodeType | None) -> None:
        self.file = file
        self.source = source
        self.code = code

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        module.__file__ = self.file
        exec(self.code or compile(self.source, self.file, "exec", dont_inherit=True), module.__dict__)

    def get_source(self, name: str) -> str:
        return importlib.util.decode_source(self.source)


class Modules:
    """What one worker can import: first the course's own and the step modules, last a learner's extra files.

    The standard library comes before the extra files, so that a stray `random.py` shadows nothing.
    """

    def __init__(
        self,
        sources: dict[str, tuple[str, bytes]],
        extras: dict[str, tuple[str, bytes]],
        compiled: dict[str, CodeType],
    ) -> None:
        self.names = set(sources) | set(extras)
        self.first, self.last = SourceFinder(sources, compiled), SourceFinder(extras, {})

    def install(self) -> None:
        sys.meta_path.insert(0, self.first)
        sys.meta_path.append(self.last)

    def remove(self) -> dict[str, ModuleType]:
        """Take the finders and what they have loaded out again, for a process that holds two sets of modules."""
        sys.meta_path[:] = [finder for finder in sys.meta_path if finder not in (self.first, self.last)]
        return {name: sys.modules.pop(name) for name in self.names if name in sys.modules}


def run_probes(name: str, file: str, code: CodeType) -> dict[str, object]:
    """The namespace of one probes module."""
    namespace: dict[str, object] = {"__name__": name, "__file__": file}
    exec(code, namespace)
    return namespace
