"""Whose a hand-in is: what platforms export, unpacked or as one archive, rosters, times and attempts."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from grader import intake
from grader.errors import UserError
from grader.intake import bundles, roster, schemes
from grader.model import HandIn, Person

FILES = {"01_double": ["double.py"], "02_quad": ["quad.py"]}
DOUBLE, QUAD = b"x = 1\n", b"y = 2\n"
BOTH = {"01_double": {"double.py": DOUBLE}, "02_quad": {"quad.py": QUAD}}


def archive(**members: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as whole:
        for name, content in members.items():
            whole.writestr(name, content)
    return made.getvalue()


WORK = archive(**{"exercises/01_double/double.py": DOUBLE, "exercises/02_quad/quad.py": QUAD})
METADATA = """\
submission_11:
  :submitters:
  - :name: Ada Lovelace
    :sid: "s1"
    :email: ada@example.org
  :created_at: 2026-11-03 12:30:00.123456789 Z
  :score: 3.0
submission_12:
  :submitters:
  - :name: Bea
    :email: bea@example.org
  - :name: Cleo
    :email: cleo@example.org
  :created_at: "2026-11-04 09:00:00 +0100"
"""
# platform -> the files of its export, and who is in it
EXPORTS: dict[str, tuple[dict[str, bytes], set[str]]] = {
    "folders": (
        {"ada/exercises/01_double/double.py": DOUBLE, "ada/exercises/02_quad/quad.py": QUAD, "bea.zip": WORK},
        {"ada", "bea"},
    ),
    "Canvas, files": (
        {
            "lovelaceada_12_501_double.py": DOUBLE,
            "lovelaceada_12_502_quad-1.py": QUAD,
            "beab_LATE_13_503_double.py": DOUBLE,
            "beab_LATE_13_504_quad.py": QUAD,
            "anon_x7Yz1_505_work.zip": WORK,
        },
        {"lovelaceada_12", "beab_13", "anon_x7Yz1"},
    ),
    "Moodle, folders": (
        {
            "Ada Lovelace_12_assignsubmission_file_/double.py": DOUBLE,
            "Ada Lovelace_12_assignsubmission_file_/quad.py": QUAD,
            "Zoë Ünal_13_assignsubmission_file/work.zip": WORK,
        },
        {"Ada Lovelace_12", "Zoë Ünal_13"},
    ),
    "Moodle, files and online text": (
        {
            "Ada Lovelace_12_assignsubmission_file_/double.py": DOUBLE,
            "Ada Lovelace_12_assignsubmission_file_/02_quad/quad.py": QUAD,
            "Ada Lovelace_12_assignsubmission_onlinetext_/onlinetext.html": b"<p>done</p>",
            "Zoë Ünal_13_assignsubmission_file_/work.zip": WORK,
            "Zoë Ünal_13_assignsubmission_onlinetext_/onlinetext.html": b"<p>done</p>",
        },
        {"Ada Lovelace_12", "Zoë Ünal_13"},
    ),
    "Moodle, files": (
        {
            "Ada Lovelace_12_assignsubmission_file_double.py": DOUBLE,
            "Ada Lovelace_12_assignsubmission_file_quad.py": QUAD,
            "Zoë Ünal_13_assignsubmission_file_work.zip": WORK,
        },
        {"Ada Lovelace_12", "Zoë Ünal_13"},
    ),
    "Gradescope": (
        {
            "submission_metadata.yml": METADATA.encode(),
            "submission_11/double.py": DOUBLE,
            "submission_11/quad.py": QUAD,
            "submission_12/work.zip": WORK,
        },
        {"s1", "bea@example.org", "cleo@example.org"},
    ),
    "nbgrader": (
        {
            "nbgrader_config.py": b"",
            "submitted/ada/01_double/double.py": DOUBLE,
            "submitted/ada/01_double/timestamp.txt": b"2026-11-03 12:30:00.123456 UTC\n",
            "submitted/ada/02_quad/quad.py": QUAD,
            "submitted/bea/01_double/double.py": DOUBLE,
            "submitted/bea/02_quad/quad.py": QUAD,
        },
        {"ada", "bea"},
    ),
    "Classroom": (
        {
            **{f"gpt-{who}/.git/HEAD": b"ref" for who in ("ada", "bea-b")},
            **{f"gpt-{who}/exercises/01_double/double.py": DOUBLE for who in ("ada", "bea-b")},
            **{f"gpt-{who}/exercises/02_quad/quad.py": QUAD for who in ("ada", "bea-b")},
        },
        {"ada", "bea-b"},
    ),
}


def write(folder: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def collected(folder: Path) -> dict[str, HandIn]:
    return {one.label: one for one in intake.collect(folder, FILES).hand_ins}


@pytest.mark.parametrize("export", EXPORTS)
def test_what_platforms_export(tmp_path: Path, export: str) -> None:
    """Each learner is found under a name of their own, with all of their files."""
    files, learners = EXPORTS[export]
    found = collected(write(tmp_path / "class", files))
    assert set(found) == learners
    for one in found.values():
        assert intake.read(one, FILES).files == BOTH


@pytest.mark.parametrize("export", [export for export in EXPORTS if export != "Classroom"])
@pytest.mark.parametrize("wrapped", ["", "assignment 7 export/"])
@pytest.mark.parametrize("kind", ["zip", "tar.gz"])
def test_one_archive_of_all(tmp_path: Path, export: str, wrapped: str, kind: str) -> None:
    """The same as one archive, also with a folder around all: the learners and files are the same."""
    files, learners = EXPORTS[export]
    path = tmp_path / f"download.{kind}"
    if kind == "zip":
        path.write_bytes(archive(**{f"{wrapped}{name}": content for name, content in files.items()}))
    else:
        with tarfile.open(path, "w:gz") as whole:
            for name, content in files.items():
                member = tarfile.TarInfo(f"{wrapped}{name}")
                member.size = len(content)
                whole.addfile(member, io.BytesIO(content))
    with intake.opened(path, FILES) as folder:
        found = collected(folder)
        assert set(found) == learners
        assert all(intake.read(one, FILES).files == BOTH for one in found.values())
    assert not folder.exists()


def test_decisions_are_noted(tmp_path: Path) -> None:
    """What a platform's name led to is in the notes of the learner, or of the class where it is nobody's."""
    files = EXPORTS["Canvas, files"][0] | {"lovelaceada_12_509_report.pdf": b"", "stray.py": b""}
    folder = write(tmp_path, files)
    found = collected(folder)
    assert intake.read(found["lovelaceada_12"], FILES).notes == (
        "took quad.py from lovelaceada_12_502_quad-1.py",
        "took 01_double/double.py from double.py",
        "took 02_quad/quad.py from quad.py",
    )
    assert "beab_LATE_13_503_double.py: Canvas calls it late" in intake.read(found["beab_13"], FILES).notes
    assert intake.collect(folder, FILES).notes == (
        "left out lovelaceada_12_509_report.pdf: neither a source nor an archive",
        "left out stray.py: its name does not say whose it is",
    )


def test_two_uploads_of_one_file(tmp_path: Path) -> None:
    """Where Canvas holds two files of one name that differ, the learner is not graded, and both are named."""
    folder = write(
        tmp_path, {"ada_12_501_double.py": DOUBLE, "ada_12_502_double-1.py": QUAD, "bea_13_1_double.py": DOUBLE}
    )
    found = collected(folder)
    with pytest.raises(UserError, match=r"is there twice, and they differ: ada_12_501_double.py/double.py, ada_12_502"):
        intake.read(found["ada_12"], FILES)
    assert intake.read(found["bea_13"], FILES).files == {"01_double": {"double.py": DOUBLE}}


def test_two_folders_of_one_file(tmp_path: Path) -> None:
    """Where Moodle's folders of one learner hold files of one name that differ, none is taken, and both are named."""
    kinds = ("file", "onlinetext")
    folder = write(tmp_path, {f"Ada_12_assignsubmission_{kind}_/double.py": kind.encode() for kind in kinds})
    with pytest.raises(UserError, match=r"_file_/double.py, Ada_12_assignsubmission_onlinetext_"):
        intake.read(collected(folder)["Ada_12"], FILES)


# what is handed in -> what its learner's record says
NO_WORK = {
    "lovelaceada_12_501_report.pdf": "it has no file that is asked for, but report.pdf",
    "beab_LATE_13_502_double.py.docx": "it has no file that is asked for, but double.py.docx",
    "cleo_14_503_work.zip": "it holds nothing",
    "Dora_15_assignsubmission_file_essay.txt": "it has no file that is asked for, but essay.txt",
    "Emma_16_assignsubmission_onlinetext_/onlinetext.html": "it has no file that is asked for, but onlinetext.html",
}


@pytest.mark.parametrize("packed", [False, True])
def test_something_else_than_work(tmp_path: Path, packed: bool) -> None:
    """Who handed in a report, or an empty archive, is in the class, and the record names what it is."""
    files = {name: archive() if name.endswith(".zip") else b"text" for name in NO_WORK}
    files |= {"finn_17_504_double.py": DOUBLE, "finn_17_505_report.pdf": b"text"}
    (tmp_path / "all.zip").write_bytes(archive(**files))
    place = tmp_path / "all.zip" if packed else write(tmp_path / "all", files)
    with intake.opened(place, FILES) as folder:
        *others, finn = sorted(intake.collect(folder, FILES).hand_ins, key=lambda one: one.learner[-2:])
        assert [one.learner[-2:] for one in others] == ["12", "13", "14", "15", "16"]
        for one, want in zip(others, NO_WORK.values(), strict=True):
            got = intake.read(one, FILES)
            assert (got.files, got.notes[-1]) == ({}, want)
        assert intake.read(finn, FILES).notes == ("took 01_double/double.py from double.py",)
        left_out = [note for note in intake.collect(folder, FILES).notes if "neither a source nor an archive" in note]
        assert len(left_out) == 4


def test_a_class_of_reports(tmp_path: Path) -> None:
    """Canvas's names are known also where nobody handed in any work."""
    files = {f"{name}_report.pdf": b"text" for name in ("ada_12_501", "bea_13_502")}
    assert set(collected(write(tmp_path, files))) == {"ada_12", "bea_13"}


def test_a_report_beside_attempts(tmp_path: Path) -> None:
    """What cannot be graded does not hide that the rest are attempts."""
    write(tmp_path, {"ada/attempt_1/double.py": DOUBLE, "ada/attempt_2.zip": WORK, "ada/report.pdf": b"text"})
    found = intake.collect(tmp_path, FILES, attempts=True).hand_ins
    assert [one.label for one in found] == ["ada, attempt_1", "ada, attempt_2"]


def test_several_clashes(tmp_path: Path) -> None:
    """Each learner who has handed in twice under one name is told of, and all others are graded."""
    files = {f"{who}/double.py": DOUBLE for who in ("ada", "bea", "cleo")} | {"ada.zip": WORK, "bea.tar": b""}
    files |= {"dora/attempt_1/double.py": DOUBLE, "dora/attempt_1.zip": WORK, "dora/attempt_2/double.py": DOUBLE}
    found = intake.collect(write(tmp_path, files), FILES, attempts=True).hand_ins
    assert {one.label: one.problem for one in found} == {
        "ada": "ada and ada.zip are hand-ins of the same learner",
        "bea": "bea and bea.tar are hand-ins of the same learner",
        "cleo": "",
        "dora, attempt_1": "attempt_1 and attempt_1.zip are hand-ins of the same learner",
        "dora, attempt_2": "",
    }


def test_results_among_the_hand_ins(tmp_path: Path) -> None:
    """The output folder of a run is nobody's hand-in; a learner's own run.json makes no difference."""
    files = {"ada/double.py": DOUBLE, "ada/run.json": b"{}", "out/run.json": b"{}", "out/records/ada.json": b"{}"}
    found = intake.collect(write(tmp_path, files), FILES)
    assert [one.learner for one in found.hand_ins] == ["ada"]
    assert found.notes == ("left out out: it holds the results of a grader run",)


def test_names_that_only_look_like_canvas(tmp_path: Path) -> None:
    """Where most names are not Canvas's, one that looks like it is a learner like the others."""
    folder = write(tmp_path, {f"{name}.zip": WORK for name in ("ada", "bea", "team_1_2_final")})
    assert set(collected(folder)) == {"ada", "bea", "team_1_2_final"}


def test_times_of_hand_ins(tmp_path: Path) -> None:
    """Gradescope's and nbgrader's times are known, each with its offset; a learner's own timestamp.txt is not asked."""
    found = collected(write(tmp_path / "g", EXPORTS["Gradescope"][0]))
    assert found["s1"].times == {"": datetime(2026, 11, 3, 12, 30, 0, 123456, UTC)}
    assert found["cleo@example.org"].times == {"": datetime(2026, 11, 4, 9, tzinfo=timezone(timedelta(hours=1)))}
    assert collected(write(tmp_path / "n", EXPORTS["nbgrader"][0]))["ada"].times == {
        "01_double": datetime(2026, 11, 3, 12, 30, tzinfo=UTC)
    }
    files = {"ada/01_double/double.py": DOUBLE, "ada/01_double/timestamp.txt": b"2020-01-01 00:00:00 UTC"}
    assert collected(write(tmp_path / "plain", files))["ada"].times == {}


EARLY, LATE = datetime(2026, 11, 3, tzinfo=UTC), datetime(2026, 11, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("assignments", "times"),
    [
        ({"double": (EARLY, "double.py"), "2_Quad": (LATE, "quad.py")}, {"01_double": EARLY, "02_quad": LATE}),
        ({"Double": (EARLY, "x.py"), "01_double": (LATE, "x.py")}, {"01_double": LATE}),
        ({"3_double": (EARLY, "02_quad/other.py")}, {"02_quad": EARLY}),
        ({"week 1": (LATE, "exercises/01_Double/x.ipynb")}, {"01_double": LATE}),
        (
            {"week 1": (EARLY, "double_torch.py"), "week 2": (LATE, "02_quad.ipynb")},
            {"01_double": EARLY, "02_quad": LATE},
        ),
        ({"week 1": (EARLY, "double.py"), "week 2": (LATE, "double.py")}, {"01_double": LATE}),
        ({"week 1": (LATE, "double.py"), "01_double": (EARLY, "double.py")}, {"01_double": EARLY}),
        ({"week 1": (EARLY, "work.zip"), "02_quad": (LATE, "quad.py")}, {"": EARLY, "02_quad": LATE}),
    ],
)
def test_times_of_assignments(
    tmp_path: Path, assignments: dict[str, tuple[datetime, str]], times: dict[str, datetime]
) -> None:
    """nbgrader's time is that of the step that the assignment is called after, else of the steps in it, with a note."""
    files = {"nbgrader_config.py": b""}
    for assignment, (time, name) in assignments.items():
        files[f"submitted/ada/{assignment}/timestamp.txt"] = f"{time}".encode()
        files[f"submitted/ada/{assignment}/{name}"] = DOUBLE
    found = collected(write(tmp_path, files))["ada"]
    assert found.times == times
    other = [name for name in assignments if name in ("week 1", "week 2", "3_double")]
    assert [note.split(" is called after no step")[0] for note in found.notes] == other


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("2026-11-03T12:30:00Z", datetime(2026, 11, 3, 12, 30, tzinfo=UTC)),
        ("2026-11-03 12:30", datetime(2026, 11, 3, 12, 30, tzinfo=UTC)),
        ("2026-11-03_12-30-05", datetime(2026, 11, 3, 12, 30, 5, tzinfo=UTC)),
        ("2026-11-03", datetime(2026, 11, 3, tzinfo=UTC)),
        ("2026-11-03 12:30:00 GMT", datetime(2026, 11, 3, 12, 30, tzinfo=UTC)),
        ("2026-11-03 12:30:00 CET", None),
        ("2026-11-03T12:30:00+0100", datetime(2026, 11, 3, 11, 30, tzinfo=UTC)),
        ("2026-07-03 12:30:00 Europe/Berlin", datetime(2026, 7, 3, 10, 30, tzinfo=UTC)),
        ("2026-02-31", None),
        ("2026-07-03 12:30:00 Atlantis/Capital", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_moments(text: str, want: datetime | None) -> None:
    """A time is read with its offset, UTC where it has none, and anything else is not guessed."""
    assert schemes.moment(text) == want


def test_attempts(tmp_path: Path) -> None:
    """Folders and archives called after attempts or times are attempts, in their order; other folders are not."""
    files = {
        "ada/attempt_10.zip": WORK,
        "ada/attempt_9/double.py": DOUBLE,
        "bea/2026-11-03T12-30-00Z/double.py": DOUBLE,
        "bea/2026-10-03/double.py": DOUBLE,
        "cleo/attempt 1/double.py": DOUBLE,
        "dora/attempt_1/double.py": DOUBLE,
        "dora/final/quad.py": QUAD,
    }
    found = intake.collect(write(tmp_path, files), FILES, attempts=True).hand_ins
    assert [one.label for one in found] == [
        "ada, attempt_9", "ada, attempt_10", "bea, 2026-10-03", "bea, 2026-11-03T12-30-00Z", "cleo", "dora",
    ]  # fmt: skip
    assert found[3].times == {"": datetime(2026, 11, 3, 12, 30, tzinfo=UTC)}
    assert intake.read(found[1], FILES).files == BOTH
    assert intake.read(found[5], FILES).files == BOTH


def test_attempts_have_to_be_asked_for(tmp_path: Path) -> None:
    """A learner who calls folders after early times gains nothing: not unasked, and never within a platform's name."""
    files = {f"{who}/2020-01-01/double.py": DOUBLE for who in ("ada", "Bea B_12_assignsubmission_file_")}
    assert [one.times for one in intake.collect(write(tmp_path, files), FILES).hand_ins] == [{}, {}]
    found = {one.learner: one.times for one in intake.collect(tmp_path, FILES, attempts=True).hand_ins}
    assert found == {"ada": {"": datetime(2020, 1, 1, tzinfo=UTC)}, "Bea B_12": {}}


@pytest.mark.parametrize(
    ("name", "learner"),
    [
        ("bea_12_501_13_99_double.py", "bea_12"),
        ("x_13_12_501_double.py", "x_13"),
        ("Bea_12_assignsubmission_file_Ada_13_assignsubmission_file_double.py", "Bea_12"),
    ],
)
def test_a_name_that_can_be_read_in_two_ways(tmp_path: Path, name: str, learner: str) -> None:
    """A file name that looks like a platform's does not make it somebody else's; the doubt is noted."""
    found = intake.collect(write(tmp_path, {name: DOUBLE}), FILES)
    assert [one.learner for one in found.hand_ins] == [learner]
    for notes in (found.notes, found.hand_ins[0].notes):
        assert f"{name}: look whose it is: its name can be read in two ways" in notes


# Archives of all


@pytest.mark.parametrize("name", ["../evil.py", "/evil.py", "a/../../evil.py", "C:\\evil.py", "x\\..\\..\\evil.py"])
def test_nothing_is_unpacked_outside(tmp_path: Path, name: str) -> None:
    """A member whose name leads out of the archive is not written anywhere."""
    path = tmp_path / "all.zip"
    path.write_bytes(archive(**{name: b"evil", "ada/double.py": DOUBLE, "bea/double.py": DOUBLE}))
    with intake.opened(path, FILES) as folder:
        assert sorted(file.name for file in folder.rglob("*.py")) == ["double.py", "double.py"]
        assert not list(folder.parent.parent.glob("evil.py"))


def test_links_are_not_unpacked(tmp_path: Path) -> None:
    """Links in a tar, which could lead to somebody else's work, are left out."""
    path = tmp_path / "all.tar"
    with tarfile.open(path, "w") as whole:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE):
            link = tarfile.TarInfo(f"ada/{kind.decode()}.py")
            link.type, link.linkname = kind, "/etc/passwd"
            whole.addfile(link)
        for who in ("ada", "bea"):
            member = tarfile.TarInfo(f"{who}/double.py")
            member.size = len(DOUBLE)
            whole.addfile(member, io.BytesIO(DOUBLE))
    with intake.opened(path, FILES) as folder:
        assert [file.name for file in folder.rglob("*.py")] == ["double.py", "double.py"]


def test_a_large_file_in_it(tmp_path: Path) -> None:
    """Of a file that is too large only as much is unpacked as shows that it is; the run as a whole has a cap too."""
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as whole:
        whole.writestr("ada/double.py", bytes(20 << 20))
        whole.writestr("bea/double.py", DOUBLE)
    with intake.opened(path, FILES) as folder:
        assert (folder / "ada" / "double.py").stat().st_size == intake.tree.MAX_SOURCE + 1
        assert "larger than 512 KiB" in intake.read(collected(folder)["ada"], FILES).notes[0]


def test_the_cap_of_the_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An archive that unpacks to more than fits is refused, and what was unpacked is removed."""
    monkeypatch.setattr(bundles, "MOST_UNPACKED", 100)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    path = tmp_path / "all.zip"
    path.write_bytes(archive(**{f"{who}/double.py": DOUBLE * 10 for who in ("ada", "bea", "cleo")}))
    with pytest.raises(UserError, match="unpacks to more than"), intake.opened(path, FILES):
        pass
    assert not list((tmp_path / "tmp").iterdir())


@pytest.mark.parametrize("ending", ["tar", "tar.gz"])
@pytest.mark.parametrize("damage", ["cut", "a bad header"])
def test_a_class_of_which_learners_are_lost(tmp_path: Path, ending: str, damage: str) -> None:
    """A class as a tar that is cut off between two learners, or damaged there, is refused: nobody gets lost."""
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w") as tar:
        for who in ("ada", "bea", "cleo"):
            member = tarfile.TarInfo(f"{who}/double.py")
            member.size = len(DOUBLE)
            tar.addfile(member, io.BytesIO(DOUBLE))
    content, at = whole.getvalue(), whole.getvalue().index(b"cleo")
    content = content[:at] if damage == "cut" else content[:at] + b"?" + content[at + 1 :]
    path = tmp_path / f"all.{ending}"
    path.write_bytes(gzip.compress(content) if ending == "tar.gz" else content)
    with (
        pytest.raises(UserError, match=r"cannot be read as an archive: it ends too early, or is damaged on the way"),
        intake.opened(path, FILES),
    ):
        pass


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", WORK[:-30]])
def test_a_broken_archive_of_all(tmp_path: Path, content: bytes) -> None:
    """It is an error that names the archive."""
    path = tmp_path / "all.zip"
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"all.zip: cannot be read as an archive"), intake.opened(path, FILES):
        pass


def test_one_learners_work_in_place_of_a_class(tmp_path: Path) -> None:
    """One learner's folder or archive is not taken for a class of steps."""
    write(tmp_path / "ada", {"01_double/double.py": DOUBLE, "02_quad/quad.py": QUAD})
    with pytest.raises(UserError, match="looks like one learner's hand-in"):
        intake.collect(tmp_path / "ada", FILES)
    path = tmp_path / "bea.zip"
    path.write_bytes(WORK)
    with (
        pytest.raises(UserError, match=r"^bea.zip: looks like one learner's hand-in"),
        intake.opened(path, FILES) as folder,
    ):
        intake.collect(folder, FILES)


@pytest.mark.parametrize(
    "members",
    [
        ["hw/exercises/01_double/double.py"],
        ["hw/01_double/double.py", "hw/report.pdf"],
        ["hw/double.py", "hw/readme.txt"],
        ["double.py"],
        ["spring/hw/deep/double.py"],
    ],
)
def test_one_learners_archive(tmp_path: Path, members: list[str]) -> None:
    """What lies beneath a single folder of an archive is one learner's; what to give instead is said."""
    (tmp_path / "vera.zip").write_bytes(archive(**dict.fromkeys(members, DOUBLE)))
    with (
        pytest.raises(UserError, match=r"^vera.zip: looks like one learner's hand-in") as error,
        intake.opened(tmp_path / "vera.zip", FILES) as folder,
    ):
        intake.collect(folder, FILES)
    assert error.value.next_step == f"give the folder above it: {tmp_path}"


@pytest.mark.parametrize("around", ["", "submitted/", "course/submitted/"])
def test_nbgraders_folder_alone(tmp_path: Path, around: str) -> None:
    """submitted/ by itself as an archive is a class with times, of one learner too."""
    files = {"ada/01_double/double.py": DOUBLE, "ada/01_double/timestamp.txt": b"2026-11-03"}
    path = tmp_path / ("all.zip" if around.startswith("course") else "submitted.zip")
    path.write_bytes(archive(**{f"{around}{name}": content for name, content in files.items()}))
    with intake.opened(path, FILES) as folder:
        assert collected(folder)["ada"].times == {"01_double": EARLY}


def test_a_loose_file_in_an_archive(tmp_path: Path) -> None:
    """A file beside the learners' folders is left out with a note; beside a single folder it is a doubt, and told."""
    path = tmp_path / "all.zip"
    learners = {f"class/{who}/01_double/double.py": DOUBLE for who in ("ada", "bea")}
    path.write_bytes(archive(**learners, **{"class/single.py": b"", "readme.txt": b"", "class/notes.txt": b""}))
    with intake.opened(path, FILES) as folder:
        found = intake.collect(folder, FILES)
        assert [one.learner for one in found.hand_ins] == ["ada", "bea"]
        assert found.notes == ("left out single.py: its name does not say whose it is",)
    path.write_bytes(archive(**learners, **{"single.py": b""}))
    what = r"^all.zip: holds single.py beside the one folder class"
    with pytest.raises(UserError, match=what), intake.opened(path, FILES):
        pass


@pytest.mark.parametrize(
    "text", ["", "- 1", "submission_11: 3", "submission_11:\n  :submitters: []\n  x: [", "a: &a [*a]"]
)
def test_a_list_of_gradescope_that_is_none(tmp_path: Path, text: str) -> None:
    """It is an error that names the file, and not a class under wrong names."""
    write(tmp_path, {"submission_metadata.yml": text.encode(), "submission_11/double.py": DOUBLE})
    with pytest.raises(UserError, match="is not a list of submissions as Gradescope makes it"):
        intake.collect(tmp_path, FILES)


@pytest.mark.parametrize("nobody", [":submitters: []", ":submitters:"])
def test_a_submission_of_nobody(tmp_path: Path, nobody: str) -> None:
    """What Gradescope's list has under no name is handed in all the same, at its time, and the doubt is noted."""
    listed = f"{METADATA}submission_14:\n  {nobody}\n  :created_at: 2026-11-09 00:00 Z\n"
    files = {**EXPORTS["Gradescope"][0], "submission_metadata.yml": listed.encode(), "submission_14/double.py": DOUBLE}
    found = collected(write(tmp_path, files | {"submission_15/double.py": DOUBLE}))
    assert set(found) == {*EXPORTS["Gradescope"][1], "submission_14", "submission_15"}
    said = ("submission_metadata.yml does not say whose this is",)
    assert (found["submission_14"].notes, found["submission_15"].notes) == (said, said)
    assert found["submission_14"].times == {"": LATE}


# Folders within folders


@pytest.mark.parametrize("export", [export for export in EXPORTS if export != "folders"])
@pytest.mark.parametrize("kind", ["folder", "folders", "zip", "tar.gz"])
def test_a_class_within_a_folder(tmp_path: Path, export: str, kind: str) -> None:
    """What a platform has made, as a folder or archive alone in a folder, is the class, and not one learner."""
    files, learners = EXPORTS[export]
    above = tmp_path / "above"
    if kind in ("zip", "tar.gz"):
        above.mkdir()
        pack(above / f"export.{kind}", files)
        if export == "Classroom":  # .git is hidden and not unpacked, so that no name is known to be a clone's
            learners = {f"gpt-{name}" for name in learners}
    else:
        write(above / ("a/b/export" if kind == "folders" else "export"), files)
    write(above, {"readme.txt": b"", "results/run.json": b"", "results/records/x.json": b""})
    with intake.opened(above, FILES) as folder:
        found = collected(folder)
        assert set(found) == learners
        assert all(intake.read(one, FILES).files == BOTH for one in found.values())


def pack(path: Path, files: dict[str, bytes]) -> None:
    if path.suffix == ".zip":
        path.write_bytes(archive(**files))
        return
    with tarfile.open(path, "w:gz") as whole:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            whole.addfile(member, io.BytesIO(content))


MOODLE, CANVAS = EXPORTS["Moodle, folders"][0], EXPORTS["Canvas, files"][0]


@pytest.mark.parametrize("packed", [False, True])
def test_several_classes_side_by_side(tmp_path: Path, packed: bool) -> None:
    """Nobody guesses which is meant, and nobody's work is mixed: both are named, with what to give."""
    above = tmp_path / "above"
    pack(write(above, {"week1/readme.txt": b""}) / "canvas.zip", CANVAS)
    pack(above / "moodle.tar.gz", {f"export/{name}": content for name, content in MOODLE.items()})
    write(above / "week1", EXPORTS["Classroom"][0])
    if packed:
        (tmp_path / "all.zip").write_bytes(
            archive(**{str(file.relative_to(above)): file.read_bytes() for file in above.glob("*.*")})
        )
        above = tmp_path / "all.zip"
    with (
        pytest.raises(UserError, match=r"classes, by the names in them: canvas.zip, moodle.tar.gz") as error,
        intake.opened(above, FILES),
    ):
        pass
    assert error.value.next_step.startswith("give one of them, as ")


@pytest.mark.parametrize("kind", ["folder", "zip"])
def test_a_class_among_learners(tmp_path: Path, kind: str) -> None:
    """It is not graded as one learner, and costs the others nothing."""
    write(tmp_path, {"ada/double.py": DOUBLE})
    if kind == "zip":
        pack(tmp_path / "all.zip", CANVAS)
    else:
        write(tmp_path / "all", MOODLE)
    with intake.opened(tmp_path, FILES) as folder:
        found = collected(folder)
    own = {f"ada/{name}": DOUBLE for name in ("lab_1_1_x.py", "lab_2_1_y.py", "week 1/double.py")}
    assert collected(write(tmp_path, own))["ada"].problem == ""
    assert (found["ada"].problem, set(found)) == ("", {"ada", "all"})
    assert found["all"].problem.startswith("holds the hand-ins of several learners")


@pytest.mark.parametrize(
    "files",
    [
        {"ada/double.py": DOUBLE},
        {"ada/lab_3_1_double.py": DOUBLE},
        {"ada/project/.git/HEAD": b"", "ada/project/double.py": DOUBLE},
        {"ada/submitted/01_double/double.py": DOUBLE},
        {"ada.zip": WORK},
        {"ada.tar": b"x" * 2000},
        {"ada.zip": b"PK broken"},
    ],
)
def test_one_learner_alone(tmp_path: Path, files: dict[str, bytes]) -> None:
    """A folder or archive that is not sorted as a class is stays one learner's."""
    with intake.opened(write(tmp_path, files), FILES) as folder:
        assert folder == tmp_path
        assert set(collected(folder)) == {"ada"}


def test_a_source_beside_the_class(tmp_path: Path) -> None:
    """It may be somebody's, so it is told of, as it is in an archive."""
    write(tmp_path, {"single.py": b""})
    write(tmp_path / "export", MOODLE)
    with (
        pytest.raises(UserError, match=r"holds single.py beside the one folder export"),
        intake.opened(tmp_path, FILES),
    ):
        pass


@pytest.mark.parametrize("text", ["2026-11-04 12:30:00 CET", "2026-11-04 12:30:00 EST", "garb\x1bage", ""])
def test_a_timestamp_that_is_none(tmp_path: Path, text: str) -> None:
    """It is not guessed at, and not passed over: the learner's record says it."""
    files = {"nbgrader_config.py": b"", "submitted/ada/01_double/timestamp.txt": text.encode()}
    found = collected(write(tmp_path, files | {"submitted/ada/01_double/double.py": DOUBLE}))["ada"]
    said = text.replace("\x1b", "\\x1b") or "it is empty"
    assert (found.times, found.notes) == ({}, (f"01_double: its timestamp.txt is not understood: {said}",))


def test_a_source_with_one_ending_too_many(tmp_path: Path) -> None:
    """Beside other files of its learner it is in their record, with what it may be meant as."""
    names = ("ada_12_501_quad.py.txt", "bea_13_503_double.py", "Cy_9_assignsubmission_file_quad.py.txt")
    files = dict.fromkeys((*names, "ada_12_502_double.py", "Cy_9_assignsubmission_file_double.py"), DOUBLE)
    folder = write(tmp_path, files)
    for who in ("ada_12", "Cy_9"):
        got = intake.read(collected(folder)[who], FILES)
        assert got.files == {"01_double": {"double.py": DOUBLE}}
        said = "left out quad.py.txt: it has one ending too many; is it meant as 02_quad/quad.py?"
        assert said in got.notes
    assert intake.collect(folder, FILES).notes == ()


# Sources


@pytest.mark.parametrize(
    ("content", "want", "note"),
    [
        (b"\xef\xbb\xbfx = 1\n", b"\xef\xbb\xbfx = 1\n", None),
        (b"x = 1\r\n", b"x = 1\r\n", None),
        ("# Größe\nx = 1\n".encode("latin-1"), "# Größe\nx = 1\n".encode(), "latin-1"),
        (
            "# -*- coding: latin-1 -*-\n# Größe\n".encode("latin-1"),
            "# -*- coding: latin-1 -*-\n# Größe\n".encode("latin-1"),
            None,
        ),
        ("x = 1\n".encode("utf-16"), b"x = 1\n", "utf-16"),
        (b"x = 1\n\x00", b"x = 1\n\x00", None),
    ],
)
def test_encodings(tmp_path: Path, content: bytes, want: bytes, note: str | None) -> None:
    """What Python reads is left as it is; what is saved in another encoding is read in that, with a note."""
    got = intake.read(intake.single(write(tmp_path / "ada", {"exercises/01_double/double.py": content})), FILES)
    assert got.files == {"01_double": {"double.py": want}}
    said = () if note is None else (f"read exercises/01_double/double.py as {note}, which it is saved in",)
    assert got.notes == said


# Rosters and times

TABLES = {
    "own": "id,name\nada,Ada Lovelace\nbea,Bea B\n",
    "semicolons and a BOM": "\ufeffid;name\nada;Ada Lovelace\nbea;Bea B\n",
    "Canvas": (
        "Student,ID,SIS User ID,SIS Login ID,Section,Step 3 (77)\n    Points Possible,,,,,10\n"
        '"Lovelace, Ada",ada,s1,ada@x,A,\n"B, Bea",bea,s2,bea@x,A,\n'
    ),
    "Moodle": "Identifier,Full name,Email address\nParticipant 12,Ada Lovelace,ada@x\nParticipant 13,Bea B,bea@x\n",
    "Gradescope": "First Name,Last Name,SID,Email\nAda,Lovelace,ada,ada@x\nBea,B,bea,bea@x\n",
    "Excel, told": "sep=;\r\nid;name\r\nada;Ada Lovelace\r\n;\r\nbea;Bea B\r\n;\r\n",
}


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_rosters(tmp_path: Path, table: str, encoding: str) -> None:
    """A table with a column that identifies people is a roster, whichever platform or spreadsheet made it."""
    text = TABLES[table] if encoding == "utf-8" else TABLES[table].removeprefix("\ufeff")
    (tmp_path / "roster.csv").write_text(text, encoding=encoding, newline="")
    found = roster.people(tmp_path / "roster.csv")
    ids = ["12", "13"] if table == "Moodle" else ["ada", "bea"]
    names = ["Lovelace, Ada", "B, Bea"] if table == "Canvas" else ["Ada Lovelace", "Bea B"]
    assert [(person.id, person.name) for person in found] == list(zip(ids, names, strict=True))


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "holds no rows"),
        ("id,name\n", "holds no rows"),
        ("who,what\na,b\n", "has no column that identifies a learner; it has: who, what"),
        ("id,name\nada,A\nada,B\n", "ada is there twice"),
        ("id,name\n ,A\n", "names nobody"),
        ('id,name\n"ada,A\n', "is not a CSV file"),
    ],
)
def test_rosters_that_are_none(tmp_path: Path, text: str, what: str) -> None:
    """The error says what is wrong with the table."""
    (tmp_path / "roster.csv").write_text(text)
    with pytest.raises(UserError, match=what):
        roster.people(tmp_path / "roster.csv")


def hand_in(learner: str, *aliases: str, attempt: str = "") -> HandIn:
    return HandIn(learner, (("", Path(learner)),), attempt, aliases=aliases)


ROSTER = [
    Person("s1", "Ada Lovelace", {"id": "s1", "SIS Login ID": "ada@x"}),
    Person("s2", "Bea", {"id": "s2"}),
    Person("s3", "Cleo", {"id": "s3", "identifier": "Participant 77"}),
    Person("s4", "Bea", {"id": "s4"}),
    Person("s5", "Dora", {"id": "s5", "username": "learner 7"}),
]


def test_the_class_is_matched_with_the_roster() -> None:
    """Any identifying column, or the full name, says who it is; both sides' rest is told; a changed name is noted."""
    found = roster.match(
        [hand_in("S1"), hand_in("Cleo_77", "77", "Cleo"), hand_in("mallory"), hand_in("learner 7")], ROSTER
    )
    assert [one.learner for one in found.hand_ins] == ["mallory", "s1", "s3", "s5"]
    assert found.hand_ins[2].notes == ("Cleo_77 is s3 of the roster",)
    assert (found.unknown, [person.id for person in found.absent]) == (("mallory",), ["s2", "s4"])


def test_a_hand_in_that_fits_two_people() -> None:
    """Nobody guesses: whoever of them has nothing else is not graded, and none seems to have handed in nothing."""
    found = roster.match([hand_in("Bea"), hand_in("s1")], ROSTER)
    problem = "Bea may be s2 or s4 of the roster"
    assert {one.learner: one.problem for one in found.hand_ins} == {"s1": "", "s2": problem, "s4": problem}
    assert (found.unknown, [person.id for person in found.absent]) == ((), ["s3", "s5"])
    found = roster.match([hand_in("Bea"), hand_in("s2")], ROSTER)
    assert {one.learner: one.problem for one in found.hand_ins} == {"s2": "", "s4": problem}
    found = roster.match([hand_in("Bea"), hand_in("s2"), hand_in("s4")], ROSTER)
    assert {one.learner: one.problem for one in found.hand_ins} == {"s2": "", "s4": "", "Bea": problem}
    with pytest.raises(UserError, match=problem):
        intake.read(found.hand_ins[0], FILES)


def test_two_hand_ins_that_fit_one_person() -> None:
    """That person is not graded, and both are named; two attempts of one learner are told apart."""
    (one, other) = roster.match([hand_in("ada@x"), hand_in("s1"), hand_in("Cleo")], ROSTER).hand_ins
    assert (one.learner, one.problem) == ("s1", "ada@x and s1 are both s1 of the roster")
    assert {path.name for _, path in one.parts} == {"ada@x", "s1"}
    assert (other.learner, other.problem) == ("s3", "")
    found = roster.match([hand_in("s1", attempt="1"), hand_in("s1", attempt="2")], ROSTER).hand_ins
    assert [(one.label, one.problem) for one in found] == [("s1, 1", ""), ("s1, 2", "")]


def test_times_from_a_file(tmp_path: Path) -> None:
    """A CSV says when somebody handed in, by step where it differs; whose times are nobody's is told."""
    file = tmp_path / "times.csv"
    file.write_text("learner,submitted,step\nada,2026-11-03T12:30Z,\nada,2026-11-04,02_quad\n")
    known = roster.times(file, FILES)
    (one, other), nobodys = roster.with_times([hand_in("ada"), hand_in("bea")], known)
    assert one.times == {"": datetime(2026, 11, 3, 12, 30, tzinfo=UTC), "02_quad": datetime(2026, 11, 4, tzinfo=UTC)}
    assert (other.times, nobodys) == ({}, [])
    assert roster.with_times([hand_in("adda")], known)[1] == ["ada has handed in nothing; there is adda"]
    both = [hand_in("x", "ada"), hand_in("y", "ada")]
    timed, nobodys = roster.with_times(both, known)
    assert ([one.times for one in timed], nobodys) == ([{}, {}], ["ada may be x or y"])
    file.write_text("learner,submitted\n")
    assert roster.times(file, FILES) == ()


def test_times_of_people_on_the_roster(tmp_path: Path) -> None:
    """Any word of the roster that is one person's says whose a time is; a step may be called as nbgrader's may."""
    people = [
        Person("s1", "Müller, Jo", {"id": "s1", "login": "s20", "email": "jo@x"}),
        Person("s2", "Bea", {"id": "s2"}),
        Person("s3", "Bea", {"id": "s3"}),
        Person("s4", "Dora", {"id": "s4"}),
    ]
    hand_ins = [hand_in(one) for one in ("s1", "s2", "s3")]
    file = tmp_path / "times.csv"

    def timed(*rows: str) -> tuple[dict[str, datetime], list[str]]:
        file.write_text("\n".join(("learner;submitted;step", *rows)), encoding="utf-8")
        found, nobodys = roster.with_times(hand_ins, roster.times(file, FILES), people)
        return found[0].times, nobodys

    for word in ("Müller, Jo", "jo müller", "S20", "jo@x", "s1"):
        assert timed(f"{word};2026-11-03;quad") == ({"02_quad": EARLY}, [])
    assert timed("Bea;2026-11-03;")[1] == ["Bea may be s2 or s3"]
    assert timed("Dora;2026-11-03;")[1] == ["Dora has handed in nothing"]
    assert timed("Müler, Jo;2026-11-03;")[1] == ["Müler, Jo has handed in nothing; there is Müller, Jo"]
    twice = timed("s1;2026-11-03;", "s20;2026-11-09;")[1]
    assert twice == ["s20 is s1, who is there twice, with different times"]
    with pytest.raises(UserError, match="line 3: s1 is there twice"):
        timed("s1;2026-11-03;quad", "s1;2026-11-09;02_quad")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("learner,submitted\nada,soon\n", "line 2: needs a learner and a time like"),
        ("learner,submitted\n,2026-11-03\n", "line 2: needs a learner and a time like"),
        ("who,submitted\nada,2026-11-03\n", "has no column learner; it has: who, submitted"),
        ("", "has no column learner; it has: none"),
        (
            "learner;submitted;step\nada;2026-11-03;01_double\n\nada;2026-11-03;2_squad\n",
            "line 4: there is no step '2_squad'; there is 02_quad",
        ),
        ("learner,submitted\nada,2026-11-03\nada,2026-11-04\n", "line 3: ada is there twice, with different times"),
    ],
)
def test_times_that_are_none(tmp_path: Path, text: str, what: str) -> None:
    """A learner, time or step that is not understood is an error that names the line and what is there instead."""
    file = tmp_path / "times.csv"
    file.write_text(text)
    with pytest.raises(UserError, match=what) as error:
        roster.times(file, FILES)
    assert error.value.next_step
