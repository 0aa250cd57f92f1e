"""The hidden suites as one pytest session: collected once per process, run again for every submission.

Trusted side. A `pytest.main` for each submission would cost five times as much as the checks themselves.
"""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from _pytest.config import _prepareconfig

from grader.course import Course, Module
from grader.errors import UserError
from grader.marking.check import Check, CheckFailed, CheckNotRun, GraderFault
from grader.model import FAILED, FAULT, NOT_RUN, PASSED, Status

# Plugins that look at the terminal, the outside world or each test's output: nothing here needs them.
NO_PLUGINS = (
    "terminal", "capture", "logging", "cacheprovider", "warnings", "unraisableexception", "threadexception",
    "faulthandler", "doctest", "junitxml", "pastebin", "debugging", "skipping", "stepwise", "tmpdir", "monkeypatch",
    "recwarn", "pytester", "legacypath", "setuponly", "setupplan", "reports", "subtests",
)  # fmt: skip

PYTESTS_OWN = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_DISABLE_PLUGIN_AUTOLOAD")  # of the environment


class Verdict:
    """How one run of one check ended."""

    def __init__(self, status: Status, cause: str = "", reason: str = "") -> None:
        self.status: Status = status
        self.cause = cause
        self.reason = reason


def verdict_of(error: BaseException) -> Verdict:
    """The verdict that an exception out of a hidden test stands for."""
    if isinstance(error, CheckFailed):
        return Verdict(FAILED, error.cause, error.reason)
    if isinstance(error, AssertionError):
        return Verdict(FAILED, "wrong", "the answer is wrong")
    if isinstance(error, CheckNotRun):
        return Verdict(NOT_RUN, "", error.reason)
    if isinstance(error, GraderFault):
        return Verdict(FAULT, "", str(error))
    return Verdict(FAULT, "", f"the hidden test itself failed: {type(error).__name__}: {error}")


@contextlib.contextmanager
def _nobodys_settings() -> Iterator[None]:
    """Inside, pytest takes no options and no plugins from this machine: marks must not depend on them."""
    before = {name: os.environ.pop(name, None) for name in PYTESTS_OWN}
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            os.environ |= {} if value is None else {name: value}


class CheckPlugin:
    """Gives hidden tests their `check`; beside it, what the last run of one raised."""

    def __init__(self) -> None:
        self.current: Check | None = None
        self.error: BaseException | None = None

    @pytest.fixture
    def check(self) -> Check:
        assert self.current is not None
        return self.current


class Suites:
    """The checks of the chosen modules, ready to be run any number of times."""

    def __init__(self, course: Course, modules: list[Module]) -> None:
        files = [course.suite(module) for module in modules]
        for file in files:
            if not file.is_file():
                raise UserError(
                    "the hidden suite is missing", where=str(file), next_step="restore it, or check course.toml"
                )
        self.plugin = CheckPlugin()
        self.session = self._collect(course.root, files)
        by_file: dict[Path, dict[str, pytest.Item]] = {}
        for item in self.session.items:
            by_file.setdefault(item.path, {})[item.name] = item
        self.items = {module.key: by_file.get(course.suite(module), {}) for module in modules}
        for module in modules:
            self._agree(course, module)

    def _collect(self, root: Path, files: list[Path]) -> pytest.Session:
        arguments = ["--import-mode=importlib", f"--rootdir={root}", "-c", "/dev/null", "--strict-markers"]
        arguments += [word for name in NO_PLUGINS for word in ("-p", f"no:{name}")]
        with _nobodys_settings():
            config = _prepareconfig([*arguments, *map(str, files)], [self.plugin])
        config._do_configure()
        session = pytest.Session.from_config(config)
        config.hook.pytest_sessionstart(session=session)
        errors = io.StringIO()
        try:
            with contextlib.redirect_stderr(errors):
                session.perform_collect()
        except pytest.UsageError as error:
            raise UserError(
                f"the hidden suites cannot be collected: {error}", where=str(root / "tests" / "hidden")
            ) from None
        if session.testsfailed:
            raise UserError(
                "a hidden suite cannot be imported", where=str(root), next_step=f"pytest {files[0]} shows why"
            )
        return session

    def _agree(self, course: Course, module: Module) -> None:
        """Each check in course.toml is a test of the suite, and the other way round. UserError: names both sides."""
        tests, listed = self.items[module.key], module.checks
        unlisted = sorted(tests.keys() - listed.keys())
        unwritten = [
            f"{name} (line {course.line('steps', module.step, module.track, 'checks', name)})"
            for name in listed
            if name not in tests
        ]
        sides = [f"{', '.join(unlisted)} only in {course.suite(module)}"] if unlisted else []
        sides += [f"{', '.join(unwritten)} only in {course.manifest}"] if unwritten else []
        if sides:
            raise UserError(
                f"course.toml and the hidden suite do not have the same checks: {'; '.join(sides)}",
                where=module.key,
                next_step="a check is called the same in both: mend its name, or add or remove it in one of them",
            )

    def sentence(self, module: Module, name: str) -> str:
        """The promised behaviour: the first line of the test's docstring."""
        item = self.items[module.key][name]
        text = (getattr(item, "obj", None).__doc__ or name) if isinstance(item, pytest.Function) else name
        return " ".join(text.split("\n\n")[0].split())

    def run(self, module: Module, name: str, check: Check) -> Verdict:
        """Run one hidden test with this `check`, fixtures and all from scratch.

        This is what pytest's runtestprotocol does, but for its reports: the exception itself is what is wanted.
        """
        item = self.items[module.key][name]
        sibling = next((other for other in self.items[module.key].values() if other is not item), None)
        item._initrequest()  # type: ignore[attr-defined]  # as pytest-rerunfailures does: an item's fixtures are per run
        self.plugin.current, self.plugin.error = check, None
        verdict = self._ended("setup", item, lambda: self.session._setupstate.setup(item))
        if verdict.status == PASSED:
            verdict = self._ended("call", item, item.runtest)
        # keeps the module set up; the item itself never
        end = self._ended("teardown", item, lambda: self.session._setupstate.teardown_exact(sibling))
        self.plugin.current = item.funcargs = None  # type: ignore[attr-defined]  # no learner's worker is held on to
        return verdict if verdict.status != PASSED else end

    def _ended(self, when: str, item: pytest.Item, part: Callable[[], object]) -> Verdict:
        """How one part of a run ends. Before and after the call no answer is looked at: an assertion there is ours."""
        try:
            part()
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            if when != "call" and isinstance(error, AssertionError):
                error = GraderFault(f"{when} of {item.nodeid} failed: {error}")
            self.plugin.error = self.plugin.error or error
            return verdict_of(error)
        return Verdict(PASSED)

    def finish(self) -> None:
        """Tear down what runs of one module's checks have set up, so that the next learner finds nothing of it."""
        self.session._setupstate.teardown_exact(None)
