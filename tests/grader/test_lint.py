"""`grader check` finds each thing that makes a course unfit to be handed out, and nothing in a fit one."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader import course as courses
from grader import lint
from grader.cli import main
from grader.release.notebooks import write_notebooks
from grader.release.stubs import write_stubs

PUBLIC = """
    from importlib import import_module


    def test_{name}():
        assert import_module("{name}").{name}(3) == {want}
"""
CONFTEST = """
    import sys
    from pathlib import Path

    sys.path[:0] = [str(path) for path in Path(__file__).parent.glob("[0-9]*")]
"""
FILES = {
    "exercises/conftest.py": CONFTEST,
    "exercises/README.md": "Read [the first lesson](01_double/README.md).",
    "exercises/01_double/README.md": "Twice. See [the next](../02_quad/README.md) and [Python](https://python.org).",
    "exercises/02_quad/README.md": "Four times.",
    "exercises/01_double/test_double.py": PUBLIC.format(name="double", want=6),
    "exercises/02_quad/test_quad.py": PUBLIC.format(name="quad", want=12),
}


@pytest.fixture
def whole(mini: Path) -> Path:
    """The small course with all that a course has."""
    for name, text in FILES.items():
        (mini / name).parent.mkdir(parents=True, exist_ok=True)
        (mini / name).write_text(textwrap.dedent(text), "utf-8")
    write_stubs(courses.load(mini), mini / "exercises")
    write_notebooks(courses.load(mini), mini / "exercises")
    return mini


@pytest.fixture(autouse=True)
def pytest_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The plugins that other packages bring take longer to load than all that is checked here."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


def without_running(monkeypatch: pytest.MonkeyPatch) -> None:
    for slow in ("public", "hidden"):
        monkeypatch.setattr(lint, slow, lambda *arguments: [])


def checked(root: Path) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["--course", str(root), "check"])
    assert "Traceback" not in done.output
    return done.exit_code, done.output


def test_a_fit_course(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten things are checked, all are well, and the exit code is 0."""
    monkeypatch.delenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    code, output = checked(whole)
    assert [line[:5] for line in output.splitlines()] == ["ok   "] * 10, output
    assert code == 0


def rewrite(name: str, old: str, new: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        text = (root / name).read_text("utf-8")
        assert old in text
        (root / name).write_text(text.replace(old, new), "utf-8")

    return change


def remove(name: str) -> Callable[[Path], None]:
    return lambda root: (root / name).unlink()


def add(name: str, text: str = "") -> Callable[[Path], None]:
    def change(root: Path) -> None:
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text, "utf-8")

    return change


DAMAGE: dict[str, tuple[Callable[[Path], None], str]] = {
    "no lesson": (remove("exercises/02_quad/README.md"), "exercises/02_quad/README.md is missing"),
    "no public tests": (remove("exercises/01_double/test_double.py"), "exercises/01_double/test_double.py is missing"),
    "no probes": (remove("tests/hidden/01_double/probes.py"), "tests/hidden/01_double/probes.py is missing"),
    "a stray file": (add("solutions/01_double/old.py"), "solutions/01_double/old.py belongs to no module"),
    "a stray step": (add("exercises/03_more/more.py"), "exercises/03_more/ is no step of course.toml"),
    "no hint": (
        rewrite("course.toml", 'hint = "double() twice"', 'hint = " "'),
        "02_quad/pure test_four_times has no hint",
    ),
    "no points": (rewrite("course.toml", "points = 1,", "points = 0,"), "01_double/pure test_negative has no points"),
    "odd points": (rewrite("course.toml", "points = 3,", "points = 3.3,"), "01_double/pure has 4.3 points in all"),
    "a dead link": (
        rewrite("exercises/01_double/README.md", "../02_quad/README.md", "next.md"),
        "exercises/01_double/README.md, line 1: next.md is not there",
    ),
    "an old stub": (
        rewrite("solutions/01_double/double.py", '"""2 x.', '"""Twice x.'),
        "exercises/01_double/double.py is out of step: grader release --stubs",
    ),
    "an old notebook": (
        rewrite("exercises/02_quad/README.md", "Four", "4"),
        "exercises/02_quad/quad.ipynb is out of step: grader release --notebooks",
    ),
    "an answer": (
        add("exercises/01_double/hints.md", 'if x < 0:\n\n    # raise ValueError("negative")\n'),
        "exercises/01_double/hints.md, line 1: gives away the solution of 01_double/pure",
    ),
    "a public test that is wrong": (
        rewrite("exercises/02_quad/test_quad.py", "== 12", "== 13"),
        "exercises.02_quad.test_quad test_quad fails",
    ),
    "a public test that stubs pass": (
        rewrite("exercises/02_quad/test_quad.py", "assert ", "import_module or "),
        "exercises.02_quad.test_quad test_quad passes",
    ),
    "a hidden check without a sentence": (
        rewrite("tests/hidden/02_quad/test_quad.py", '"""', "#"),
        "02_quad/pure test_four_times has no docstring",
    ),
    "a check that is called something else in course.toml": (
        rewrite("course.toml", "test_negative =", "test_negatvie ="),
        "test_negatvie (line 20) only in ",
    ),
    "a solution that is wrong": (
        rewrite("solutions/01_double/double.py", "if x < 0", "if x < -1e9"),
        "01_double/pure test_negative: fault for the solved module",
    ),
}


BY_RUNNING = {  # what only shows when tests run, which takes its time
    "a public test that is wrong", "a public test that stubs pass", "a hidden check without a sentence",
    "a check that is called something else in course.toml", "a solution that is wrong",
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGE)
def test_what_is_wrong_is_found(whole: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """One thing that is wrong is named, with its file, and the exit code is 1."""
    damage, said = DAMAGE[name]
    if name not in BY_RUNNING:
        without_running(monkeypatch)
    damage(whole)
    code, output = checked(whole)
    assert said in output
    assert code == 1
    assert "no   " in output


def test_a_hidden_check_that_asks_nothing(whole: Path) -> None:
    """A hidden check that a stub passes is named."""
    suite = whole / "tests" / "hidden" / "02_quad" / "test_quad.py"
    suite.write_text('def test_four_times(check):\n    """Nothing."""\n', "utf-8")
    code, output = checked(whole)
    assert "02_quad/pure test_four_times: passed for the untouched module" in output
    assert code == 1


def test_long_lists_are_cut(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many problems of one sort the first ten are listed."""
    without_running(monkeypatch)
    for number in range(12):
        (whole / "solutions" / "01_double" / f"old{number:02}.py").write_text("")
    _, output = checked(whole)
    assert output.count("belongs to no module") == 10
    assert "and 2 more" in output


def test_an_unknown_key(whole: Path) -> None:
    """A key that course.toml does not know is refused with its line before anything is checked."""
    manifest = whole / "course.toml"
    manifest.write_text("surprise = 1\n" + manifest.read_text("utf-8"), "utf-8")
    code, output = checked(whole)
    assert code == 2
    assert "course.toml, line 1: unknown key 'surprise'" in output
