"""Any bytes as a class: names of hand-ins, archives of all, Gradescope's list, rosters, times, overrides.

What is wrong with them is a UserError that says what, where or what next; nothing else comes through.
"""

from __future__ import annotations

import io
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader import course as courses
from grader import intake, overrides
from grader.errors import UserError
from grader.intake import roster, schemes
from grader.model import HandIn

FILES = {"01_double": ["double.py"]}
PIECES = (
    "ada", "lovelaceada_12_34_double.py", "_LATE_", "Ada L_12_assignsubmission_file_", "submission_1", "double.py",
    "x.zip", "attempt_1", "2026-11-03", "anon_a1b_2_x.py", "submitted", "01_double", ".git", "__MACOSX", "é\u202e", " ",
    "-", "_", "..",
)  # fmt: skip
NAMES = st.lists(st.sampled_from(PIECES), min_size=1, max_size=4).map("".join)
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
TEXTS = st.text(
    st.sampled_from('abid0123456789,;\t\n" :-_[]{}=&*!#TZ+.é\0\ud7ff') | st.characters(codec="utf-8"), max_size=300
)
LINES = (
    "submission_1:\n", "  :submitters:\n", "  - :name: Ada\n", "    :sid: 7\n", "  :created_at: 2026-11-03 12:30 Z\n",
    "  :created_at: 12\n", "- 1\n", "? [a]\n", "&a ", "*a\n", "!!python/object:os.system x\n", "  :submitters: 3\n",
    "2026-11-03: {}\n",
)  # fmt: skip
YAMLS = st.lists(st.sampled_from(LINES), max_size=8).map("".join)


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A folder for the case at hand: one for all, since hypothesis runs many in one test."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def asked(question: Callable[[], Any]) -> Any:
    """The answer, or None for a UserError, which has to say what is wrong and what to do next."""
    try:
        return question()
    except UserError as error:
        refused = error
    assert all((refused.what, refused.next_step))
    return None


def whole(folder: Path) -> None:
    """Every attempt of a class has a printable name of its own, and can be read or says why not."""
    found = asked(lambda: intake.collect(folder, FILES))
    if found is None:
        return
    labels = [one.label for one in found.hand_ins]
    assert len(set(labels)) == len(labels)
    assert all(label.isprintable() and "/" not in label for label in labels)
    for one in found.hand_ins:
        asked(lambda one=one: intake.read(one, FILES))


@given(st.lists(st.tuples(PATHS, st.binary(max_size=20)), max_size=6), st.none() | YAMLS)
def test_any_class_folder(place: Path, files: list[tuple[str, bytes]], listed: str | None) -> None:
    """Folders and files of any name, in whatever platform's manner."""
    folder = place / "class"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, content in [*files, *([(schemes.METADATA, listed.encode())] if listed is not None else [])]:
        target = folder.joinpath(*(part for part in name.split("/") if part not in ("", ".", "..")))
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        except OSError:  # a file where a folder is wanted
            continue
    whole(folder)


@given(st.lists(st.tuples(PATHS, st.binary(max_size=20)), max_size=6), st.binary(max_size=30), st.integers(0, 2000))
def test_any_archive_of_all(place: Path, files: list[tuple[str, bytes]], junk: bytes, where: int) -> None:
    """A zip of any names, also with bytes put into it; nothing lands outside, and nothing is left behind."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in dict(files).items():
            archive.writestr(name, content)
    content = made.getvalue()
    shutil.rmtree(place / "zips", ignore_errors=True)
    (place / "zips").mkdir()
    file = place / "zips" / "all.zip"
    file.write_bytes(content[:where] + junk + content[where:])

    def opened() -> None:
        with intake.opened(file, FILES) as folder:
            whole(folder)

    asked(opened)
    assert [path.name for path in (place / "zips").iterdir()] == ["all.zip"]


HAND_INS = [HandIn("ab", (("", Path("ab")),)), HandIn("0", (("", Path("0")),), aliases=("id",))]


@given(TEXTS, st.sampled_from(["utf-8", "utf-16", "latin-1"]))
def test_any_roster_and_times(place: Path, text: str, encoding: str) -> None:
    """Any text as a roster or as times; who is on a roster has an id that can be shown, and is there once."""
    file = place / "people.csv"
    for head in ("", "id,name\n", "learner,submitted\n"):
        file.write_bytes((head + text).encode(encoding, "replace"))
        people = asked(lambda: roster.people(file)) or []
        assert len({person.id for person in people}) == len(people)
        assert all(person.id and person.id.isprintable() and person.name.isprintable() for person in people)
        matched = roster.match(HAND_INS, people)
        assert len({one.label for one in matched.hand_ins}) == len(matched.hand_ins)
        assert {part for one in matched.hand_ins for part in one.parts} == {
            part for one in HAND_INS for part in one.parts
        }
        asked(lambda: roster.with_times(HAND_INS, roster.times(file, FILES)))


@given(TEXTS, st.sampled_from(["overrides.toml", "overrides.csv"]), st.sampled_from(["utf-8", "utf-16", "latin-1"]))
def test_any_overrides(place: Path, mini_course: courses.Course, text: str, name: str, encoding: str) -> None:
    """Any text as overrides: each entry that is taken is about somebody and something that there is."""
    folder = place / "overrides"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    head = {"overrides.toml": "[[override]]\n", "overrides.csv": "learner,module,points,reason,until\n"}[name]
    for start in ("", head):
        (folder / name).write_bytes((start + text).encode(encoding, "replace"))
        found = asked(lambda: overrides.read(folder, mini_course, ["ab"]))
        for one in (*found.extensions, *found.overrides) if found is not None else ():
            assert one.learner == "ab"
            assert one.reason.strip()


@pytest.fixture(scope="module")
def mini_course() -> courses.Course:
    return courses.load(Path(__file__).resolve().parents[2])
