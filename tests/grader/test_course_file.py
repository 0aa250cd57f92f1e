"""course.toml is read strictly: what is not understood is refused by name and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader import course as courses
from grader.errors import UserError


def test_the_mini_course_is_read(mini: Path) -> None:
    """Steps, prerequisites, points and hints come out as they stand in the file."""
    course = courses.load(mini)
    assert [(m.key, m.file, m.points) for m in course.modules()] == [
        ("01_double/pure", "double.py", 4),
        ("02_quad/pure", "quad.py", 4),
    ]
    assert [m.step for m in course.earlier(course.modules()[1])] == ["01_double"]
    assert course.steps["01_double"].modules["pure"].checks["test_twice"].hint == "What is 2 * x?"
    assert course.limits.call_cpu_seconds == 1


def test_prerequisites_reach_back(mini: Path) -> None:
    """What a step needs includes what its prerequisites need."""
    manifest = mini / "course.toml"
    octo = '\n[steps.03_octo]\ntitle = "o"\nneeds = ["02_quad"]\n[steps.03_octo.pure.checks]\n'
    free = '[steps.04_free]\ntitle = "f"\n[steps.04_free.pure.checks]\n'
    manifest.write_text(manifest.read_text() + octo + free)
    course = courses.load(mini)
    assert [m.step for m in course.earlier(course.steps["03_octo"].modules["pure"])] == ["01_double", "02_quad"]
    assert course.earlier(course.steps["04_free"].modules["pure"]) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "what"),
    [
        ('title = "mini"', 'title = "mini"\ncolour = 1', 2, "unknown key 'colour'"),
        ("memory_mib = 256", "memory = 256", 11, "unknown key 'limits.memory'"),
        ("memory_mib = 256\n", "", 6, "the key 'limits.memory_mib' is missing"),
        ("memory_mib = 256", "memory_mib = -1", 11, "limits.memory_mib must be a number above 0"),
        ("memory_mib = 256", 'memory_mib = "much"', 11, "limits.memory_mib must be a number above 0"),
        (
            "test_negative = { points = 1,",
            "test_negative = { pionts = 1,",
            20,
            "unknown key 'steps.01_double.pure.checks.test",
        ),
        ("test_negative = { points = 1,", "test_negative = { points = -1,", 20, "points must be a number, 0 or more"),
        ('needs = ["01_double"]', 'needs = ["03_later"]', 24, "must be a list of earlier steps"),
        ('title = "Four times"', 'titel = "Four times"', 23, "unknown key 'steps.02_quad.titel'"),
        ("[steps.02_quad.pure.checks]", "[steps.02_quad.cuda.checks]", 26, "unknown key 'steps.02_quad.cuda'"),
        ('title = "mini"', "title = 3", 1, "'title' must be a str"),
        ("[steps.01_double]", "[steps.double]", 15, "a step is called NN_name, not 'double'"),
        (
            'suffix = ""',
            'suffix = ""\n[[forbidden]]\ntrack = "gpu"\nfirst = "01_double"\nwhat = "x"',
            5,
            "there is no track 'gpu'",
        ),
        (
            'suffix = ""',
            'suffix = ""\n[[forbidden]]\ntrack = "pure"\nfirst = "01_double"\nwhat = "x"\npython = "math.sqrt"',
            9,
            "forbidden.python must be a list of names",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_line(mini: Path, old: str, new: str, line: int, what: str) -> None:
    """Each mistake is refused, with the key's name and the line it stands on."""
    manifest = mini / "course.toml"
    assert old in manifest.read_text()
    manifest.write_text(manifest.read_text().replace(old, new, 1))
    with pytest.raises(UserError) as caught:
        courses.load(mini)
    assert what in caught.value.what
    assert caught.value.where == f"{manifest}, line {line}"


def test_broken_toml_is_refused(mini: Path) -> None:
    """A file that is no TOML is refused with the parser's own line and column."""
    (mini / "course.toml").write_text("title = \n")
    with pytest.raises(UserError, match=r"course.toml: is not valid TOML: Invalid value \(at line 1"):
        courses.load(mini)


def test_a_file_in_another_encoding_is_refused(mini: Path) -> None:
    """Latin-1 is not guessed at."""
    (mini / "course.toml").write_bytes('title = "Zoë"'.encode("latin-1"))
    with pytest.raises(UserError, match="is not UTF-8"):
        courses.load(mini)


def test_the_digests_are_of_all_that_decides(mini: Path) -> None:
    """The course's hash changes with what the manifest decides and the solutions, that of the suites with tests."""

    def changed_by(name: str, old: str = "", new: str = "# changed\n") -> set[str]:
        before = courses.load(mini).digests()
        text = (mini / name).read_text() if (mini / name).exists() else ""
        assert old in text
        (mini / name).write_text(text.replace(old, new, 1))
        after = courses.load(mini).digests()
        return {what for what in before if before[what] != after[what]}

    assert changed_by("README.md") == set()
    assert changed_by("course.toml") == set()  # a comment
    assert changed_by("course.toml", "points = 3,", "points = 5,") == set()  # scores are derived
    assert changed_by("course.toml", 'title = "Twice"', 'title = "Two times"') == set()
    assert changed_by("course.toml", "memory_mib = 256", "memory_mib = 255") == {"course"}
    assert changed_by("course.toml", 'hint = "double() twice"', 'hint = "Look."') == {"course"}
    assert changed_by("solutions/01_double/double.py") == {"course"}
    assert changed_by("tests/hidden/01_double/probes.py") == {"suites"}
    assert changed_by("tests/hidden/02_quad/test_quad.py") == {"suites"}
