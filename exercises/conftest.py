"""Runs the public tests: finds the learner's modules, skips PyTorch where it is not installed, explains failures.

Runs in the learner's pytest process, on any system. May import the standard library, pytest, and the files beside it:
explain.py (a failure as a sentence), progress.py (what to show at the end), expect.py (used by the tests).
It knows no step by name: a step is a folder NN_name/, and a file test_X.py in it is about the module X.
`-vv` or `--tb=...` show pytest's own tracebacks instead of the sentences.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
import sys
import warnings
from importlib.machinery import PathFinder
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
COURSE = HERE.parent if re.match(r"\d\d_", HERE.name) else HERE  # with nbgrader each step has a copy of this file
FILES = {
    path.stem.removeprefix("test_"): path.with_name(path.name.removeprefix("test_"))
    for path in sorted(COURSE.glob("[0-9][0-9]_*/test_*.py"))
}
SUPPORT = {name: HERE / f"{name}.py" for name in ("expect", "explain", "progress")}
PROGRESS = pytest.StashKey()


class Modules:
    """Finds exactly the course's modules by their bare names, before anything else of that name."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        file = FILES.get(name) or SUPPORT.get(name)
        if file is None:
            return None
        if not file.exists():
            raise ModuleNotFoundError(f"{file.parent.name}/{file.name} is missing", name=name)
        return importlib.util.spec_from_file_location(name, file)


class LearnerModule:
    """Stands for a learner's module in a test: imported at first use, and clear about what it does not define."""

    def __init__(self, unit):
        self.__dict__["_unit"] = unit

    def __getattr__(self, name):
        from explain import Missing

        module = importlib.import_module(self._unit.name)
        try:
            return getattr(module, name)
        except AttributeError:
            raise Missing(self._unit, name) from None

    def __setattr__(self, name, new):
        setattr(importlib.import_module(self._unit.name), name, new)


def module_fixture(name):
    @pytest.fixture(name=name, scope="session")
    def module(request):
        return LearnerModule(request.config.stash[PROGRESS].units[name])

    return module


for _name in FILES:
    globals()[f"module_{_name}"] = module_fixture(_name)


def pytest_configure(config):
    config.option.importmode = "importlib"  # the other modes put the steps' folders before the standard library
    folders = sorted({file.parent for file in FILES.values()})
    refuse_strays((HERE, *folders))
    sys.meta_path.insert(0, Modules)
    sys.path.extend(str(folder) for folder in folders)  # for a learner's own helper files: last, so they hide nothing
    forget_modules()
    config.stash[PROGRESS] = importlib.import_module("progress").Progress(config, FILES)


def refuse_strays(folders):
    """Stops where a file such as random.py would be imported in place of Python's own module."""
    for file in (file for folder in folders for file in sorted(folder.glob("*.py"))):
        found = PathFinder.find_spec(file.stem) if file.stem in sys.stdlib_module_names else None
        if found and found.origin and Path(found.origin).resolve() == file:
            raise pytest.UsageError(f"{file.parent.name}/{file.name} hides Python's own module {file.stem}: rename it")


def forget_modules():
    """Every session imports the learner's files afresh, also where one process runs several."""
    for name in (*FILES, *SUPPORT):
        sys.modules.pop(name, None)


def pytest_unconfigure(config):
    if PROGRESS in config.stash:
        config.stash[PROGRESS].close()
        del config.stash[PROGRESS]
        sys.meta_path.remove(Modules)
        forget_modules()


def pytest_pycollect_makemodule(module_path, parent):
    kind = TorchTests if module_path.stem.endswith("_torch") else Tests
    return kind.from_parent(parent, path=module_path)


class Tests(pytest.Module):
    """A test file. One that cannot be read, since something has happened to it, is a sentence too."""

    def repr_failure(self, excinfo):
        progress = self.config.stash[PROGRESS]
        error = excinfo.value.__cause__ if isinstance(excinfo.value, self.CollectError) else excinfo.value
        if progress.ordinary or error is None:
            return super().repr_failure(excinfo)
        return progress.unreadable(self.path, error)


class TorchTests(Tests):
    """A test file of the PyTorch track: skipped, and not even imported, where PyTorch is not installed."""

    def collect(self):
        if importlib.util.find_spec("torch") is None:
            from progress import NO_TORCH

            self.config.stash[PROGRESS].skipped.add(self.path.stem.removeprefix("test_"))
            pytest.skip(NO_TORCH, allow_module_level=True)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # what torch says about its own installation is no test's business
                torch = importlib.import_module("torch")
        except (ImportError, OSError) as error:
            raise self.CollectError(f"PyTorch is installed, but it cannot be imported: {error}") from None
        torch.set_num_threads(1)  # tensors are small here: more threads only cost
        return super().collect()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    with item.config.stash[PROGRESS].watching(item):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.when == "setup" and report.failed:
        report.when = "call"  # a fixture that builds something with the learner's code is part of the test to them
    if report.when == "call" or report.failed:
        item.config.stash[PROGRESS].add(item, call, report)
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter, exitstatus, config):
    progress = config.stash[PROGRESS]
    if exitstatus == pytest.ExitCode.TESTS_FAILED:
        progress.ask_earlier_steps()
    silent = progress.ordinary or config.getoption("no_summary", False)
    told = [] if silent else [failed.report for failed in progress.failures]
    everything = terminalreporter.stats.get("failed", [])
    if told:
        progress.write_failures(terminalreporter)
        terminalreporter.stats["failed"] = [report for report in everything if report not in told]
    try:
        return (yield)  # pytest's own summary, of what is left
    finally:
        if told:
            terminalreporter.stats["failed"] = everything
        progress.write_map(terminalreporter)
