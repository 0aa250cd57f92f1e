"""The output folder of a run: whose errors are whose, what is refused, and what a damaged file costs."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from grader.errors import UserError
from grader.model import ModuleResult, Outcome, Record
from grader.store import open_store, write_atomically

SETTINGS = {"seed": 7}
ADA = Record("ada", (ModuleResult("01_double", "pure", (Outcome("test_twice", "passed", "2 x."),)),), 7, {}, {})


def files(folder: Path) -> set[str]:
    return {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}


def test_an_error_of_something_else_stays_what_it_is(tmp_path: Path) -> None:
    """An OSError that the caller's block raises is not the store's: it comes out as it went in."""
    bug = OSError(9, "Bad file descriptor")
    with pytest.raises(OSError, match="Bad file descriptor") as caught, open_store(tmp_path / "out", SETTINGS):
        raise bug
    assert caught.value is bug
    with open_store(tmp_path / "out", SETTINGS) as store:  # and the lock is free again
        store.save(ADA)
        assert store.load("ada") == ADA


def test_equal_outcomes_of_a_class_are_one(tmp_path: Path) -> None:
    """A class of ten thousand is read into memory as the outcomes that differ, and their texts once each."""
    slower = replace(ADA.modules[0].outcomes[0], seconds=2.5)
    with open_store(tmp_path, SETTINGS) as store:
        for learner, outcome in (
            ("ada", ADA.modules[0].outcomes[0]),
            ("bob", ADA.modules[0].outcomes[0]),
            ("cyd", slower),
        ):
            store.save(replace(ADA, learner=learner, modules=(replace(ADA.modules[0], outcomes=(outcome,)),)))
        read = [store.load(learner) for learner in ("ada", "bob", "cyd")]
    ada, bob, cyd = (one.modules[0].outcomes[0] for one in read if one is not None)
    assert ada is bob
    assert (ada.seconds, cyd.seconds) == (0.0, 2.5)
    assert ada.sentence is cyd.sentence


def in_the_way(name: str) -> Callable[[Path], None]:
    return lambda out: (out / name).mkdir(parents=True)


def write_all(out: Path) -> None:
    with open_store(out, SETTINGS) as store:
        store.save(ADA)
        write_atomically(out / "grades.csv", "learner\n")


def a_file_for_a_folder(out: Path) -> None:
    (out / "records").rmdir()
    (out / "records").write_text("mine")


@pytest.mark.parametrize(
    ("damage", "where", "what", "remedy"),
    [
        (in_the_way("records/ada.json"), "records/ada.json", "cannot be written: Is a directory", "move it away"),
        (in_the_way("grades.csv"), "grades.csv", "cannot be written: Is a directory", "move it away"),
        (a_file_for_a_folder, "records", "is not a folder", "move it away"),
        (lambda out: ((out / ".lock").unlink(), (out / ".lock").mkdir()), ".lock", "Is a directory", "move it away"),
        (in_the_way(".writing-1"), ".writing-1", "cannot be written: Is a directory", "move it away"),
    ],
    ids=["record", "grades", "records", "lock", "leftover"],
)
def test_a_file_that_cannot_be_written(
    tmp_path: Path, damage: Callable[[Path], None], where: str, what: str, remedy: str
) -> None:
    """Each file of the store that cannot be written is named, with what is wrong and what to do."""
    out = tmp_path / "out"
    with open_store(out, SETTINGS):
        pass
    damage(out)
    with pytest.raises(UserError) as caught:
        write_all(out)
    assert caught.value.where == str(out / where)
    assert what in caught.value.what
    assert remedy in caught.value.next_step


def test_the_settings_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is full at the very start is said, and the same folder is taken again later."""

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    out = tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(UserError, match="cannot be written: No space left") as caught, open_store(out, SETTINGS):
            pass
    assert caught.value.where == str(out / "run.json")
    assert "free space" in caught.value.next_step
    assert files(out) == {".lock"}
    with open_store(out, SETTINGS) as store:
        assert store.seed == 7


@pytest.mark.parametrize("mine", ["records/thesis.txt", "notes.txt", "records"])
def test_a_folder_of_somebody_else_is_not_touched(tmp_path: Path, mine: str) -> None:
    """Without run.json a folder is ours only if nothing but what a run begins with is in it."""
    (tmp_path / mine).parent.mkdir(exist_ok=True)
    (tmp_path / mine).write_text("mine")
    with pytest.raises(UserError, match="was not made by grader run"), open_store(tmp_path, SETTINGS):
        pass
    assert files(tmp_path) == {mine}


def test_what_a_killed_run_left_is_removed(tmp_path: Path) -> None:
    """Files that a killed run had not finished are removed, from the folder and from its records."""
    (tmp_path / "records").mkdir()
    for name in (".writing-a", "records/.writing-b"):
        (tmp_path / name).write_text("{")
    with open_store(tmp_path, SETTINGS):
        assert files(tmp_path) == {".lock", "run.json"}


@pytest.mark.parametrize(
    "damaged",
    [
        b"\xff\x00\xfe garbage",
        b"",
        b"null",
        b"[]",
        b"[" * 100_000,
        json.dumps(vars(ADA), default=vars).encode()[:-20],
        json.dumps({**vars(ADA), "learner": "bob"}, default=vars).encode(),
        json.dumps({**vars(ADA), "hashes": None}, default=vars).encode(),
        json.dumps({**vars(ADA), "sandbox": 1}, default=vars).encode(),
        json.dumps({**vars(ADA), "modules": [1]}, default=vars).encode(),
        json.dumps({**vars(ADA), "modules": [{"step": 1, "track": "pure", "outcomes": []}]}, default=vars).encode(),
        json.dumps(vars(ADA), default=vars).replace('"2 x."', '["2 x."]').encode(),
        json.dumps({**vars(ADA), "of_a_later_version": 1}, default=vars).encode(),
    ],
    ids=[
        "garbage", "empty", "null", "list", "deep", "truncated", "other", "hashes", "sandbox", "modules", "step",
        "sentence", "later",
    ],
)  # fmt: skip
def test_a_damaged_record_counts_as_none(tmp_path: Path, damaged: bytes) -> None:
    """A record that is not whole, not of this shape or about somebody else is never taken for one."""
    with open_store(tmp_path, SETTINGS) as store:
        store.save(ADA)
        assert store.load("ada") == ADA
        store.file("ada").write_bytes(damaged)
        assert store.load("ada") is None
        assert store.forget("ada")
        assert not store.forget("ada")
