"""Bad input ends in a sentence that says what, where and what to do, never in a traceback."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from grader import course as courses
from grader import intake
from grader.cli import main
from grader.errors import UserError
from grader.intake import tree


def grader(mini: Path, *arguments: object) -> Result:
    return CliRunner().invoke(main, ["--course", str(mini), *map(str, arguments)])


def refused(result: Result, *parts: str) -> None:
    """Exit code 2, no exception but SystemExit, and a message with these parts."""
    assert result.exit_code == 2, result.output
    assert isinstance(result.exception, SystemExit)
    for part in parts:
        assert part in result.output


def test_an_unknown_path(mini: Path, tmp_path: Path) -> None:
    """A path that is not there is named, and what should be there is said."""
    refused(
        grader(mini, "run", tmp_path / "nowhere", "--out", tmp_path / "o"), "nowhere: does not exist", "one folder per"
    )


def test_a_file_in_place_of_a_folder(mini: Path, tmp_path: Path) -> None:
    """A file is not a class."""
    refused(grader(mini, "run", mini / "course.toml", "--out", tmp_path / "o"), "course.toml: is not a folder")


def test_an_empty_folder(mini: Path, tmp_path: Path) -> None:
    """A folder without learners is named, with what it should hold, and no output folder is begun."""
    (tmp_path / "class").mkdir()
    refused(
        grader(mini, "run", tmp_path / "class", "--out", tmp_path / "o"), "nothing to grade", "exercises/NN_step/*.py"
    )
    assert not (tmp_path / "o").exists()


def test_one_learners_folder(mini: Path, tmp_path: Path, hand_in: Callable[..., Path], right: dict[str, str]) -> None:
    """A single hand-in in place of the class is recognised, and the folder above it is offered."""
    folder = hand_in("ada", right)
    refused(
        grader(mini, "run", folder / "ada", "--out", tmp_path / "o"),
        "one learner's hand-in",
        f"folder above it: {folder}",
    )


@pytest.mark.parametrize(
    ("option", "what"),
    [
        (("--step", "03_softmax"), "there is no step 03_softmax\n  steps: 01_double, 02_quad"),
        (("--step", "quad"), "there is no step quad; there is 02_quad\n  steps: 01_double, 02_quad"),
        (("--track", "cuda"), "there is no track cuda\n  tracks: pure"),
        (("--jobs", "0"), "0 is not in the range x>=1"),
        (("--seed", "x"), "'x' is not a valid integer"),
        (("--sandbox", "maybe"), "'maybe' is not one of"),
    ],
)
def test_a_wrong_option(
    mini: Path, tmp_path: Path, hand_in: Callable[..., Path], right: dict[str, str], option: tuple[str, str], what: str
) -> None:
    """A step, track or number that there is not is refused with those that there are."""
    refused(grader(mini, "run", hand_in("ada", right), "--out", tmp_path / "o", *option), what)


def test_an_output_folder_that_is_not_ours(
    mini: Path, tmp_path: Path, hand_in: Callable[..., Path], right: dict[str, str]
) -> None:
    """A folder with somebody's files in it is not written to, and a file is not either."""
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter1.tex").write_text("It")
    folder = hand_in("ada", right)
    refused(
        grader(mini, "run", folder, "--out", tmp_path / "thesis"), "was not made by grader run", "new or empty folder"
    )
    assert [file.name for file in (tmp_path / "thesis").iterdir()] == ["chapter1.tex"]
    refused(grader(mini, "run", folder, "--out", tmp_path / "thesis" / "chapter1.tex"), "is not a folder")
    (tmp_path / "thesis" / "run.json").write_text("[]")
    refused(grader(mini, "run", folder, "--out", tmp_path / "thesis"), "is not a run.json of grader run")


def test_no_course_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no course, nor one that the grader came with, the option that names one is offered."""
    monkeypatch.chdir(tmp_path)
    assert courses.find(tmp_path) == Path(courses.__file__).resolve().parents[1]
    monkeypatch.setattr(courses.find, "__defaults__", (tmp_path,))
    refused(
        CliRunner().invoke(main, ["run", ".", "--out", "o"]),
        "no course.toml here or in a folder above",
        "--course FOLDER",
    )
    refused(grader(tmp_path / "nothing", "run", ".", "--out", "o"), "course.toml: cannot be read: No such file")


def test_a_suite_that_is_missing_or_broken(
    mini: Path, tmp_path: Path, hand_in: Callable[..., Path], right: dict[str, str]
) -> None:
    """A hidden suite that is not there, cannot be imported or disagrees with course.toml is named."""
    folder = hand_in("ada", right)
    suite = mini / "tests" / "hidden" / "01_double" / "test_double.py"
    text = suite.read_text()
    suite.write_text(text + "\ndef test_unlisted(check):\n    pass\n")
    refused(
        grader(mini, "run", folder, "--out", tmp_path / "a"),
        f"01_double/pure: course.toml and the hidden suite do not have the same checks: test_unlisted only in {suite}",
        "a check is called the same in both",
    )
    suite.write_text(text.replace("test_twice", "test_thrice"))
    line = (mini / "course.toml").read_text().splitlines().index(
        'test_twice = { points = 3, hint = "What is 2 * x?" }'
    ) + 1
    both = f"test_thrice only in {suite}; test_twice (line {line}) only in {mini / 'course.toml'}"
    refused(grader(mini, "run", folder, "--out", tmp_path / "b"), both)
    suite.write_text("import nothing_of_that_name\n")
    refused(grader(mini, "run", folder, "--out", tmp_path / "c"), "a hidden suite cannot be imported")
    suite.unlink()
    refused(grader(mini, "run", folder, "--out", tmp_path / "d"), "the hidden suite is missing", "test_double.py")


def test_a_machine_without_the_jail(
    mini: Path, tmp_path: Path, hand_in: Callable[..., Path], right: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the kernel cannot enforce the jail, grading is refused; --sandbox none grades, and every record says so."""
    from grader.jail import kernel

    monkeypatch.setattr(kernel, "landlock_abi", lambda: 0)
    folder = hand_in("ada", right)
    refused(
        grader(mini, "run", folder, "--out", tmp_path / "o"), "cannot enforce the jail", "no Landlock", "grader doctor"
    )
    assert not (tmp_path / "o").exists()
    assert grader(mini, "run", folder, "--out", tmp_path / "o", "--sandbox", "none").exit_code == 0
    assert '"level": "none"' in (tmp_path / "o" / "records" / "ada.json").read_text()
    assert grader(mini, "doctor").exit_code == 1


def test_a_file_that_cannot_be_read(
    hand_in: Callable[..., Path], right: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A learner's file that is there and cannot be read is an error, not a missing file."""

    def denied(self: Path, mode: str) -> None:
        raise PermissionError(13, "Permission denied")

    folder = hand_in("ada", right)
    monkeypatch.setattr(Path, "open", denied)
    with pytest.raises(UserError, match=r"double.py: cannot be read: Permission denied"):
        intake.read(intake.single(folder / "ada"), {"01_double": ["double.py"], "02_quad": ["quad.py"]})


def test_what_is_no_regular_file_is_left_out(
    hand_in: Callable[..., Path], right: dict[str, str], tmp_path: Path
) -> None:
    """Symbolic links, folders and huge files in a hand-in are not followed or read, and the record says so."""
    folder = hand_in("ada", right) / "ada"
    step = folder / "exercises" / "01_double"
    (tmp_path / "secret.py").write_text("secret")
    (step / "link.py").symlink_to(tmp_path / "secret.py")
    (step / "folder.py").mkdir()
    (step / "huge.py").write_bytes(b"#" * (tree.MAX_SOURCE + 1))
    got = intake.read(intake.single(folder), {"01_double": ["double.py"], "02_quad": ["quad.py"]})
    assert list(got.files["01_double"]) == ["double.py"]
    assert len(got.notes) == 3
    (folder / "exercises" / "03_link").symlink_to(tmp_path)
    assert intake.read(intake.single(folder), {"03_link": ["link.py"]}).files == {}


def test_a_zygote_that_does_not_start(
    mini: Path, tmp_path: Path, hand_in: Callable[..., Path], right: dict[str, str]
) -> None:
    """What keeps the untrusted side from starting (here a kit that Python cannot read) is said."""
    (mini / "tests" / "hidden" / "kit.py").write_text("def half(\n")
    result = grader(mini, "run", hand_in("emma", right), "--out", tmp_path / "o")
    assert result.exit_code == 1
    assert "emma: the pure zygote did not start" in result.output
    assert "kit.py" in result.output
