"""What a learner has done so far: failures told by cause, earlier steps asked about, the map, and the next command.

Runs in the learner's pytest process; used by conftest.py. May import the standard library, pytest and explain.py.
Plain ASCII; colours come from pytest's own terminal writer and so obey NO_COLOR and `--color`.
"""

from __future__ import annotations

import ast
import contextlib
import importlib.util
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import explain
import pytest

TRACKS = {"pure": "pure Python", "torch": "PyTorch"}
ASKED = "MICROGPT_ASKED"  # set in the pytest that is asked about earlier steps: it asks no further
ASK_SECONDS = 60
LONG = 10  # seconds for one test; with right answers none takes more than one or two
TOLD_IN_FULL = 3  # causes per file; the others get one line each (-v tells all of them)
LISTED = 6  # tests named below a cause where other files fail too; with one failing file all are named
NO_TORCH = 'PyTorch is not installed: pip install "torch>=2.6,<2.14" (pytorch.org has the smaller CPU-only build)'


@dataclass(frozen=True)
class Failed:
    """One failed test and what its learner should read about it."""

    unit: explain.Unit
    test: str
    promise: str  # the test's docstring
    place: str  # file:line of the test
    modules: tuple[str, ...]  # the fixtures it asked for
    output: str  # what the learner's code printed
    report: pytest.TestReport
    why: explain.Explained

    @property
    def is_wrong(self):
        """Whether there is an answer, and it is wrong."""
        return self.why.cause == "wrong"

    def text(self):
        return "\n".join([self.why.sentence, *(f"    {line}" for line in self.why.lines), "", self.promise])


class Progress:
    """The results of one pytest session, by unit."""

    def __init__(self, config, files):
        self.config = config
        self.units = {name: explain.Unit(file.parent, name) for name, file in files.items()}
        self.explainer = explain.Explainer(tuple(self.units.values()), Path(config.invocation_params.dir))
        self.results = {}  # unit name -> {test: passed}
        self.failures = []
        self.skipped = set()  # names of units whose track cannot run here
        self.unanswered = set()  # units whose tests did not finish when they were asked about
        self.screen = None  # what pytest does not capture: a descriptor
        with contextlib.suppress(AttributeError, OSError, ValueError):  # in a notebook there is none
            self.screen = os.dup(sys.stderr.fileno())

    def close(self):
        screen, self.screen = self.screen, None
        if screen is not None:
            os.close(screen)

    @property
    def ordinary(self):
        """The learner asked for pytest's own tracebacks."""
        style_given = any(str(arg).startswith("--tb") for arg in self.config.invocation_params.args)
        return self.verbosity >= 2 or style_given or self.config.getoption("tbstyle", "auto") != "auto"

    @property
    def verbosity(self):
        return self.config.getoption("verbose", 0)

    # Collecting

    def add(self, item, call, report):
        """Notes one finished test, and puts the learner's text in place of the traceback."""
        unit = next((unit for unit in self.units.values() if unit.tests == item.path.resolve()), None)
        if unit is None or report.skipped:
            return
        results = self.results.setdefault(unit.name, {})
        results[item.name] = report.passed and results.get(item.name, True)
        if report.failed and report.when == "call":
            failed = self._failed(unit, item, call.excinfo, report)
            self.failures.append(failed)
            if not self.ordinary:
                report.longrepr = failed.text()

    def unreadable(self, file, error):
        """What is told of a test file that cannot be used."""
        why = self.explainer.unusable(file, error)
        lines = [why.sentence, *(f"    {line}" for line in why.lines)]
        if any(unit.tests == file.resolve() for unit in self.units.values()):
            lines.append(f"{file.name} belongs to the course: get it again from where the course came from")
        return "\n".join(lines)

    def _failed(self, unit, item, excinfo, report):
        error = excinfo.value
        if isinstance(error, pytest.fail.Exception):  # pytest.fail() and `pytest.raises` that saw nothing
            error = AssertionError(error.msg)
        lines = [entry.lineno + 1 for entry in excinfo.traceback if Path(entry.path) == item.path]
        place = f"{self.explainer.path(item.path)}:{lines[0]}" if lines else self.explainer.path(item.path)
        promise = " ".join((getattr(item, "function", item).__doc__ or "").split())
        why = self.explainer.explain(error, unit)
        used = tuple(name for name in item.fixturenames if name in self.units)
        return Failed(unit, item.name, promise, place, used, report.capstdout, report, why)

    # Code that does not end

    @contextlib.contextmanager
    def watching(self, item):
        """Says of a test that takes long which line is at work; Ctrl-C in learner code fails the test, and ends all."""
        began = time.monotonic()
        slow = threading.Timer(LONG, self._say_where, (item.name, threading.get_ident()))
        slow.daemon = True
        with contextlib.suppress(RuntimeError):  # where no threads can be had, nothing is said
            slow.start()
        try:
            yield
        except KeyboardInterrupt as interrupt:
            failure = None if self.ordinary else self.explainer.interrupted(interrupt, time.monotonic() - began)
            if failure is None:
                raise
            item.session.shouldstop = "stopped by Ctrl-C"
            raise failure from interrupt
        finally:
            slow.cancel()

    def _say_where(self, test, thread):
        at = self.explainer.at_work(sys._current_frames().get(thread))
        if at and self.screen is not None:
            text = f"\n{test} has been running for {LONG:g} s, now at {at}: does the loop end? Ctrl-C stops it.\n"
            os.write(self.screen, text.encode("ascii", "replace"))

    # Earlier steps

    def ask_earlier_steps(self):
        """Runs the tests of the earlier steps that a wrong answer stands on, unless this session has run them."""
        wanted = [u for unit in self._wrong_units() for u in self._stands_on(unit) if not self._complete(u)]
        if not wanted or ASKED in os.environ:
            return
        try:
            with tempfile.TemporaryDirectory() as folder:
                self._ask(list(dict.fromkeys(wanted)), Path(folder, "results.xml"))
        except subprocess.TimeoutExpired:
            self.unanswered.update(wanted)
        except (OSError, ElementTree.ParseError, KeyboardInterrupt):
            pass  # no second process here, or the learner is in a hurry: the failures are told without this

    def _ask(self, units, answers):
        """A process of its own: whatever earlier code does, this session and its modules stay as they are."""
        command = [sys.executable, "-P", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-o", "addopts="]
        environment = {**os.environ, ASKED: "1"}
        environment.pop("PYTEST_ADDOPTS", None)
        subprocess.run(
            [*command, f"--junitxml={answers}", *(str(unit.tests) for unit in units)],
            cwd=Path(__file__).parent,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=ASK_SECONDS,
        )
        by_test_file = {unit.tests.stem: unit.name for unit in units}
        for case in ElementTree.parse(answers).iter("testcase"):
            name = by_test_file.get(case.get("classname", "").rpartition(".")[2])
            if name:
                failed = case.find("failure") is not None or case.find("error") is not None
                self.results.setdefault(name, {})[case.get("name")] = not failed

    def _wrong_units(self):
        return list(dict.fromkeys(failed.unit for failed in self.failures if failed.is_wrong))

    def _stands_on(self, unit):
        """The earlier units that the unit's file imports or its failed tests ask for, in the order of the course."""
        names = {name for failed in self.failures if failed.unit == unit for name in failed.modules} | {unit.name}
        waiting = list(names)
        while waiting:
            new = _imports(self.units[waiting.pop()].file) & self.units.keys() - names
            names |= new
            waiting.extend(new)
        return [u for u in self.units.values() if u.name in names and u.step < unit.step]

    def verdict(self, unit):
        """One sentence on whether an earlier step is to blame, None where nothing is known."""
        earlier = self._stands_on(unit)
        silent = [u for u in earlier if u in self.unanswered]
        if silent:
            named = _listed([u.step for u in silent])
            return f"the tests of {named} did not finish in time: start there, {self.explainer.command(silent[0])}"
        for u in earlier:
            results = self.results.get(u.name, {})
            if not all(results.values()):
                count = f"{list(results.values()).count(False)} of {len(results)}"
                return f"{u.step}'s own tests fail too ({count}): start there, {self.explainer.command(u)}"
        if not earlier or not all(self._complete(u) for u in earlier):
            return None
        passing = f"{_listed([u.step for u in earlier])} {'pass' if len(earlier) > 1 else 'passes'}"
        return f"{passing} {'their' if len(earlier) > 1 else 'its'} own tests: look in {unit.file.name}"

    def _complete(self, unit):
        """Every test function of the unit's test file has a result."""
        return _test_functions(unit.tests) <= {name.partition("[")[0] for name in self.results.get(unit.name, {})}

    # Writing

    def write_failures(self, out):
        """Each failing file in the order of the course, each cause once, the first cause first."""
        out.write_sep("=", "failures")
        failing = [u for u in self.units.values() if any(f.unit == u for f in self.failures)]
        for unit in failing:
            results = list(self.results[unit.name].values())
            title = f"{unit.step}, {TRACKS[unit.track]}: {results.count(False)} of {len(results)} tests fail"
            out.write_sep("_", title, red=True)
            causes = {}
            for failed in self.failures:
                if failed.unit == unit:
                    causes.setdefault((failed.why.sentence, failed.why.lines), []).append(failed)
            for number, together in enumerate(causes.values()):
                if number < TOLD_IN_FULL or self.verbosity > 0:
                    self._write_cause(out, together, len(failing) == 1)
                else:
                    out.write_line(f"{together[0].test}: {together[0].why.sentence}")
            if len(causes) > TOLD_IN_FULL and self.verbosity <= 0:
                out.write_line("")
            self._write_verdict(out, unit)

    def _write_cause(self, out, together, alone):
        first = together[0]
        out.write_line(first.why.sentence, bold=True)
        for line in first.why.lines:
            out.write_line(f"    {line}")
        for line in first.output.splitlines()[-10:]:
            out.write_line(f"    printed: {line}")
        if len(together) == 1:
            out.write_line(f"  Test:    {first.test} ({first.place})")
            out.write_line(f"  Promise: {first.promise}")
        elif alone or len(together) <= LISTED:
            out.write_line(f"  {len(together)} tests fail for this reason:")
            for failed in together:
                out.write_line(f"    {failed.test}: {failed.promise}")
        else:
            out.write_line(f"  {len(together)} tests fail for this reason.")
        out.write_line("")

    def _write_verdict(self, out, unit):
        sentence = self.verdict(unit) if unit in self._wrong_units() else None
        if sentence:
            out.write_line(sentence, bold=True)
            out.write_line("")

    def write_map(self, out):
        """Steps by tracks, and the command that comes next."""
        if not (self.results or self.skipped) or self.verbosity < -1 or ASKED in os.environ:
            return
        if self.ordinary:
            for unit in self._wrong_units():
                self._write_verdict(out, unit)
        known = [unit for unit in self.units.values() if unit.name in self.results or unit.name in self.skipped]
        tracks = [track for track in TRACKS if any(unit.track == track for unit in known)]
        out.write_sep("=", "progress")
        if len(tracks) > 1:
            out.write_line(f"{'':16}" + "".join(f"{TRACKS[track]:28}" for track in tracks).rstrip())
        for step in dict.fromkeys(unit.step for unit in known):
            out.write(f"{step:16}")
            row = [unit for track in tracks for unit in self.units.values() if (unit.step, unit.track) == (step, track)]
            for unit in row:
                state = self.state(unit)
                out.write(f"{state:28}" if unit is not row[-1] else state, green=state == "done")
            out.write_line("")
        for line in self.next_lines(tracks):
            out.write_line(line)

    def state(self, unit):
        """done, `9 of 14 tests`, not started, `needs 01_value`, not run."""
        if unit.name in self.skipped:
            return "not installed"
        results = self.results.get(unit.name)
        if not results:
            return "not run"
        passed, left = list(results.values()).count(True), 0
        if not self._complete(unit):
            left = len(_test_functions(unit.tests) - {name.partition("[")[0] for name in results})
        if passed == len(results) and not left:
            return "done"
        if not passed and _is_stub(unit):
            return "not started"
        first = self._first_need(unit)
        if not passed and first:
            return f"needs {first.step}"
        return f"{passed} of {len(results) + left} tests" + (f", {left} not run" if left else "")

    def next_lines(self, tracks):
        for track in tracks:
            units = [unit for unit in self.units.values() if unit.track == track]
            if all(unit.name in self.skipped or unit.name not in self.results for unit in units):
                continue
            label = f", {TRACKS[track]}" if len(tracks) > 1 else ""
            waiting = self._waiting(units)
            yield f"Next{label}: {self.explainer.command(waiting) if waiting else self._following(units)}"
            if waiting and (waiting.folder / "hints.toml").exists():
                yield f"A hint{label}: {self._program(waiting, f'hint {waiting.step[:2]}')}"
            last = [unit for unit in units if unit.name in self.results][-1]
            explore = last.folder / f"explore{'_torch' * (track == 'torch')}.py"
            if not waiting and explore.exists():
                first = "" if importlib.util.find_spec("matplotlib") else "pip install matplotlib, then "
                yield f"See it at work{label}: {first}python {self.explainer.path(explore)}"
        if self.skipped:
            yield NO_TORCH

    def _waiting(self, units):
        """The unit of one track that has to be worked on; None: what has been run is done."""
        failing = (unit for unit in units if unit.name in self.results and self.state(unit) != "done")
        return next((self._first_need(unit) or unit for unit in failing), None)

    def _program(self, unit, words):
        """What to type for a command of microgpt.py on the unit's track."""
        program = self.explainer.path(unit.folder.parent / "microgpt.py")
        return f"python {program} {words}{' --torch' * (unit.track == 'torch')}"

    def _following(self, units):
        """What to type next in one track of which all that has been run is done."""
        known = [unit for unit in units if unit.name in self.results]
        following = units[units.index(known[-1]) + 1 :]
        if not following:
            course = known[-1].folder.parent
            if not (course / "microgpt.py").exists():
                return f"nothing. {known[-1].step} is the last step here, and it is done"
            if len(known) == len(units):
                return f"all steps are done. Train your own GPT: {self._program(known[-1], 'train')}"
            return f"pytest {self.explainer.path(course)} shows whether all steps are done"
        lesson = following[0].folder / "README.md"
        read = f"read {self.explainer.path(lesson)}, then " if lesson.exists() else ""
        return f"{read}{self.explainer.command(following[0])}"

    def _first_need(self, unit):
        """The earlier unit that a failure of this one names as its cause."""
        return next((failed.why.needs for failed in self.failures if failed.unit == unit and failed.why.needs), None)


def _imports(file):
    """The names of the modules that a Python file imports; none where it cannot be read."""
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return set()
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return names | {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}


def _test_functions(file):
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return set()
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def _is_stub(unit):
    """Some function of the unit's file still waits to be written."""
    try:
        return f'NotImplementedError("{unit.step}: write' in unit.file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False


def _listed(words):
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
