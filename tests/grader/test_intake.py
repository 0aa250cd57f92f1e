"""What is taken of a hand-in, in whatever shape it comes: folders, archives and notebooks, tidy and not."""

from __future__ import annotations

import ast
import io
import json
import tarfile
import tokenize
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

import grader
from grader import intake
from grader.errors import UserError
from grader.intake import archives, notebooks, places, schemes, texts, tree
from grader.model import HandedOut

FILES = {"01_double": ["double.py", "double_torch.py"], "02_quad": ["quad.py", "quad_torch.py"]}
Members = Iterable[tuple[str, bytes]]
HANDED_IN = [("exercises/01_double/double.py", b"x = 1\n"), ("exercises/02_quad/quad.py", b"y = 2\n")]
TAKEN = {"01_double": {"double.py": b"x = 1\n"}, "02_quad": {"quad.py": b"y = 2\n"}}


def folder(path: Path, members: Members) -> Path:
    for name, content in members:
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return path


def zipped(path: Path, members: Members) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as whole:
        for name, content in members:
            whole.writestr(name, content)
    return path


def tarred(mode: str) -> Callable[[Path, Members], Path]:
    def make(path: Path, members: Members) -> Path:
        with tarfile.open(path, mode) as whole:
            for name, content in members:
                member = tarfile.TarInfo(name)
                member.size = len(content)
                whole.addfile(member, io.BytesIO(content))
        return path

    return make


SHAPES = {
    "ada": folder,
    "ada.zip": zipped,
    "ada.ZIP": zipped,
    "ada.tar": tarred("w"),
    "ada.tar.gz": tarred("w:gz"),
    "ada.tgz": tarred("w:gz"),
    "ada.tar.bz2": tarred("w:bz2"),
    "ada.tar.xz": tarred("w:xz"),
}
WHERE = ["exercises/{}", "{}", "hand-in/exercises/{}", "final 2/tidy/{}"]


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("place", WHERE)
def test_every_shape_and_place(tmp_path: Path, name: str, place: str) -> None:
    """The same files are taken from a folder and from each kind of archive, also beneath other folders."""
    members = [(place.format(path.removeprefix("exercises/")), content) for path, content in HANDED_IN]
    got = intake.read(intake.single(SHAPES[name](tmp_path / name, members)), FILES)
    assert (got.learner, got.files) == ("ada", TAKEN)
    nested = place not in WHERE[:2]
    assert got.notes == tuple(
        f"took {path.removeprefix('exercises/')} from {place.format(path.removeprefix('exercises/'))}"
        for path, _ in HANDED_IN
        if nested
    )


def test_the_same_hash_in_every_shape(tmp_path: Path) -> None:
    """A hand-in is graded again when its files change, not when they come in another wrapping."""
    assert (
        len(
            {
                intake.read(intake.single(make(tmp_path / name, HANDED_IN)), FILES).digest()
                for name, make in SHAPES.items()
            }
        )
        == 1
    )


@pytest.mark.parametrize("name", ["submission.zip", "late work.tar.gz"])
def test_an_archive_in_the_folder(tmp_path: Path, name: str) -> None:
    """An archive inside a learner's folder is read too."""
    (tmp_path / "ada").mkdir()
    SHAPES["ada.tgz" if name.endswith("gz") else "ada.zip"](tmp_path / "ada" / name, HANDED_IN)
    got = intake.read(intake.single(tmp_path / "ada"), FILES)
    assert got.files == TAKEN
    assert got.notes[0] == f"took 01_double/double.py from {name}/exercises/01_double/double.py"


@pytest.mark.parametrize(
    ("path", "module"),
    [
        ("double.py", "01_double/double.py"),
        ("Double.py", "01_double/double.py"),
        ("work/quad_torch.py", "02_quad/quad_torch.py"),
        ("Exercises/01_Double/DOUBLE.PY", "01_double/double.py"),
        ("01_double/Double.py", "01_double/double.py"),
    ],
)
@pytest.mark.parametrize("make", [folder, zipped])
def test_flat_files_and_wrong_capitals(
    tmp_path: Path, make: Callable[[Path, Members], Path], path: str, module: str
) -> None:
    """A file of a module's name counts where it stands, in whatever capitals, and the record says so."""
    got = intake.read(intake.single(make(tmp_path / ("a" if make is folder else "a.zip"), [(path, b"x")])), FILES)
    step, _, name = module.partition("/")
    assert got.files == {step: {name: b"x"}}
    assert got.notes == (f"took {module} from {path}",)


def test_the_surest_place_wins(tmp_path: Path) -> None:
    """Of several files for one module the course's own place wins; what differs and is left out is named."""
    paths = ["old/double.py", "double.py", "hand-in/01_double/double.py", "01_double/double.py"]
    folder(tmp_path / "ada", [(path, path.encode()) for path in paths])
    for winner in reversed(paths):
        got = intake.read(intake.single(tmp_path / "ada"), FILES)
        assert got.files["01_double"]["double.py"] == winner.encode()
        left = [note for note in got.notes if note.startswith("left out")]
        assert left == [f"left out {path}: {winner} is taken, and they differ" for path in reversed(paths[: len(left)])]
        assert len(left) == paths.index(winner)
        (tmp_path / "ada" / winner).unlink()


def test_equal_copies_are_not_worth_a_word(tmp_path: Path) -> None:
    """The same bytes in two places are one hand-in."""
    folder(tmp_path / "ada", [*HANDED_IN, ("copy/01_double/double.py", HANDED_IN[0][1])])
    got = intake.read(intake.single(tmp_path / "ada"), FILES)
    assert (got.files, got.notes) == (TAKEN, ())


def test_a_worse_place_that_cannot_be_read(tmp_path: Path) -> None:
    """A broken file in a worse place does not keep the work from being graded; in an equally good one it does."""
    folder(tmp_path / "ada", [*HANDED_IN, ("old/double.ipynb", b"{")])
    got = intake.read(intake.single(tmp_path / "ada"), FILES)
    assert got.files == TAKEN
    assert got.notes[0].startswith("left out old/double.ipynb: exercises/01_double/double.py is taken, and this one is")
    folder(tmp_path / "bea", [("a/double.ipynb", notebook(cell("x = 1"))), ("b/double.ipynb", b"{")])
    with pytest.raises(UserError, match=r"b/double.ipynb cannot be read as a notebook"):
        intake.read(intake.single(tmp_path / "bea"), FILES)


def test_two_that_differ_are_not_guessed(tmp_path: Path) -> None:
    """Two different files in places equally good are an error that names both."""
    folder(tmp_path / "ada", [("a/double.py", b"1"), ("b/double.py", b"2")])
    with pytest.raises(UserError, match=r"01_double/double.py is there twice.* a/double.py, b/double.py") as error:
        intake.read(intake.single(tmp_path / "ada"), FILES)
    assert error.value.where == str(tmp_path / "ada")
    assert error.value.next_step


def test_a_name_twice_in_an_archive(tmp_path: Path) -> None:
    """So are two members of one name."""
    with pytest.warns(UserWarning, match="Duplicate name"):
        path = zipped(tmp_path / "ada.zip", [("01_double/double.py", b"1"), ("01_double/double.py", b"2")])
    with pytest.raises(UserError, match="is there twice, and they differ"):
        intake.read(intake.single(path), FILES)


def test_many_copies(tmp_path: Path) -> None:
    """More copies of one module than anybody makes are an error, before all of them are read."""
    folder(tmp_path / "ada", [(f"{number}/double.py", b"1") for number in range(places.MOST_COPIES + 1)])
    with pytest.raises(UserError, match=r"01_double/double\.py is there 101 times"):
        intake.read(intake.single(tmp_path / "ada"), FILES)


COPIES = [
    "double (1){}", "Double(12){}", "double-1{}", "double 2{}", "double-Copy1{}", "double - Copy{}",
    "double - Copy (2){}", "double copy{}", "double copy 2{}", "double (copy){}", "double (3rd copy){}",
    "Copy of double{}", "double-Copy1-1 (2){}",
]  # fmt: skip


@pytest.mark.parametrize("copy", COPIES)
def test_copies_as_programs_name_them(tmp_path: Path, copy: str) -> None:
    """A name that a browser, a system or Jupyter has made of the module's counts, and the record says so."""
    for ending, content in ((".py", b"x = 1\n"), (".ipynb", notebook(cell("x = 1")))):
        name = copy.format(ending)
        got = intake.read(intake.single(folder(tmp_path / ending, [(f"hw/{name}", content)])), FILES)
        assert got.files == {"01_double": {"double.py": b"x = 1\n"}}
        assert got.notes[0].startswith(f"took 01_double/double.py from hw/{name}")


def test_names_that_somebody_has_chosen() -> None:
    """What Python can import under its name, and years and words, are nobody's copies."""
    chosen = ["double_1", "double2", "double_copy", "double-final", "double-2026", "copy", "(1)", "-1", "copy of "]
    assert [schemes.uncopied(name) for name in chosen] == chosen


def test_a_copy_is_worse_than_the_right_name(tmp_path: Path) -> None:
    """The right name wins wherever it lies, also over a better place; the copy is named, and does not go with it."""
    folder(tmp_path / "ada", [("a/b/double.py", b"1"), ("exercises/01_double/double (1).py", b"2")])
    folder(tmp_path / "ada", [("a/b/double-Copy1.py", b"1"), ("a/b/double-1.py", b"1")])
    got = intake.read(intake.single(tmp_path / "ada"), FILES)
    assert got.files == {"01_double": {"double.py": b"1"}}
    left = "left out exercises/01_double/double (1).py: a/b/double.py is taken, and they differ"
    assert got.notes == (left, "took 01_double/double.py from a/b/double.py")


def test_copies_that_differ(tmp_path: Path) -> None:
    """Two copies in one place, and no file of the right name, are not guessed at; the better place decides."""
    folder(tmp_path / "ada", [("double (1).py", b"1"), ("Double-2.py", b"1"), ("double (2).py", b"2")])
    with pytest.raises(UserError, match=r"there twice, and they differ: double \(1\).py, double \(2\).py"):
        intake.read(intake.single(tmp_path / "ada"), FILES)
    folder(tmp_path / "ada", [("01_double/double (3).py", b"3")])
    assert intake.read(intake.single(tmp_path / "ada"), FILES).files == {"01_double": {"double.py": b"3"}}


MEANT = {  # what is handed in -> the module that it may be meant as
    "double_final.py": "01_double/double.py",
    "my_double.py": "01_double/double.py",
    "hw/01_double.py": "01_double/double.py",
    "doubel.py": "01_double/double.py",
    "double-torch.py": "01_double/double_torch.py",
    "Double Torch v2 (1).py": "01_double/double_torch.py",
    "quad_solution.ipynb": "02_quad/quad.py",
    "01_double/quad.py": "02_quad/quad.py",
    "double.py.txt": "01_double/double.py",
    "quad.ipynb.json": "02_quad/quad.py",
    "homework.ipynb": "",
    "solution.py": "",
}


@pytest.mark.parametrize("name", MEANT)
@pytest.mark.parametrize("make", [folder, zipped])
def test_names_that_are_no_modules(tmp_path: Path, make: Callable[[Path, Members], Path], name: str) -> None:
    """A source that is called otherwise is not guessed at: it is named, with the module that it may be meant as."""
    content = b"x = 1\n" if name.endswith(".py") else notebook(cell("x = 1"))
    path = make(tmp_path / ("a" if make is folder else "a.zip"), [(name, content)])
    got = intake.read(intake.single(path), FILES)
    why = "it is in another step's folder" if name == "01_double/quad.py" else "its name is no module's"
    why = "it has one ending too many" if name.count(".") == 2 else why
    meant = f"; is it meant as {MEANT[name]}?" if MEANT[name] else ""
    assert not any(module in FILES[step] for step, sources in got.files.items() for module in sources)
    assert got.notes == (f"left out {name}: {why}{meant}",)


def test_a_module_under_another_name_beside_one(tmp_path: Path) -> None:
    """What looks like a module that is missing or untouched is named though it goes with another; helpers are not."""
    given = HandedOut({"01_double": {"double.py": "stub\n", "double_torch.py": "torch\n"}})
    beside = [("double_final.py", b"y = 1"), ("double_torch_2.py", b"z = 1"), ("kit.py", b""), ("__init__.py", b"")]
    names = [f"left out 01_double/{name}: its name is no module's" for name in ("double_final.py", "double_torch_2.py")]
    wanted = [
        f"{names[0]}; is it meant as 01_double/double.py?",
        f"{names[1]}; is it meant as 01_double/double_torch.py?",
    ]
    for own, want in (
        (b"stub\n", [*wanted, "left out 01_double/kit.py: its name is no module's"]),
        (b"x = 1", wanted[1:]),
        (b"from double_torch_2 import z", []),
    ):
        folder(tmp_path / "ada" / "01_double", [("double.py", own), *beside])
        got = intake.read(intake.single(tmp_path / "ada"), FILES, given)
        assert list(got.notes) == want
        assert set(got.files["01_double"]) == {"double.py", *(name for name, _ in beside)}


def test_many_strange_names(tmp_path: Path) -> None:
    """Of many a handful is named, those first that may be modules, and the others are counted."""
    folder(
        tmp_path / "ada", [*HANDED_IN, *((f"a/{number}.py", b"") for number in range(20)), ("z/quad_torch_.py", b"")]
    )
    got = intake.read(intake.single(tmp_path / "ada"), FILES)
    assert got.files == TAKEN
    assert got.notes[0] == "left out z/quad_torch_.py: its name is no module's; is it meant as 02_quad/quad_torch.py?"
    assert (len(got.notes), got.notes[-1]) == (6, "left out 16 files more: their names are no modules'")


def test_what_the_courses_own_files_import(tmp_path: Path) -> None:
    """A folder from which files of the course import is not strange; a notebook and another folder beside it are."""
    given = HandedOut({}, frozenset({"train.py", "conftest.py"}))
    own = [("exercises/train.py", b"from runner.loop import run\n"), ("exercises/conftest (1).py", b"")]
    folder(tmp_path / "ada", [*HANDED_IN, *own, ("exercises/runner/loop.py", b"")])
    assert intake.read(intake.single(tmp_path / "ada"), FILES, given).notes == ()
    folder(tmp_path / "ada", [("exercises/runner/a.ipynb", notebook(cell("x"))), ("exercises/mine/loop.py", b"")])
    got = intake.read(intake.single(tmp_path / "ada"), FILES, given)
    assert [note.split(":")[0] for note in got.notes] == [
        "left out exercises/mine/loop.py", "left out exercises/runner/a.ipynb"
    ]  # fmt: skip


def test_what_lies_beside_a_module(tmp_path: Path) -> None:
    """Other Python files come from the folders that gave a module, and from nowhere else."""
    folder(
        tmp_path / "ada",
        [("work/double.py", b"1"), ("work/helper.py", b"2"), ("other/helper.py", b"3"), ("02_quad/more.py", b"4")],
    )
    got = intake.read(intake.single(tmp_path / "ada"), FILES)
    assert got.files == {"01_double": {"double.py": b"1", "helper.py": b"2"}, "02_quad": {"more.py": b"4"}}


@pytest.mark.parametrize("name", ["__MACOSX/01_double/double.py", ".git/double.py", "01_double/._double.py"])
@pytest.mark.parametrize("make", [folder, zipped])
def test_what_programs_leave_behind(tmp_path: Path, make: Callable[[Path, Members], Path], name: str) -> None:
    """Hidden files and folders, and those that macOS puts into archives, are nobody's work."""
    got = intake.read(intake.single(make(tmp_path / ("a" if make is folder else "a.zip"), [(name, b"x")])), FILES)
    assert (got.files, got.notes) == ({}, ("it holds nothing",))


def test_learners_of_a_folder(tmp_path: Path) -> None:
    """Folders and archives are hand-ins; hidden ones, __MACOSX and other files are not."""
    for name in ("ada", "emma", ".git", "__MACOSX"):
        (tmp_path / name).mkdir()
    for name in ("bea.zip", "cleo.tar.gz", "dora.rar", "readme.txt", "._bea.zip"):
        (tmp_path / name).write_bytes(b"")
    found = intake.collect(tmp_path).hand_ins
    assert [one.learner for one in found] == ["ada", "bea", "cleo", "dora", "emma"]


def test_two_hand_ins_of_one_learner(tmp_path: Path) -> None:
    """A folder and an archive of one name are not graded and both are named; the others are graded."""
    folder(tmp_path / "ada", HANDED_IN)
    zipped(tmp_path / "ada.zip", HANDED_IN)
    folder(tmp_path / "bea", HANDED_IN)
    ada, bea = intake.collect(tmp_path).hand_ins
    with pytest.raises(UserError, match=r"^ada and ada.zip are hand-ins of the same learner\n  leave one"):
        intake.read(ada, FILES)
    assert len(intake.read(bea, FILES).files) == 2


@pytest.mark.parametrize("asked", ["is_symlink", "is_dir", "iterdir"])
def test_a_folder_that_may_not_be_looked_into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: str) -> None:
    """Where the system says no, the error names the place, and the run goes on with the others."""
    path = folder(tmp_path / "ada", [("deep/er/double.py", b"x")])
    real = getattr(Path, asked)

    def refuse(self: Path) -> Any:
        if self == path / "deep":
            raise PermissionError(13, "Permission denied", str(self))
        return real(self)

    monkeypatch.setattr(Path, asked, refuse)
    with pytest.raises(UserError, match="cannot be read: Permission denied") as error:
        intake.read(intake.single(path), FILES)
    assert error.value.where == str(path / "deep")


# Archives that are broken, or made to break the reader


def test_members_that_lead_outside(tmp_path: Path) -> None:
    """Absolute names, drives and `..` are left out and named; backslashes are folders, as on Windows."""
    names = ["/01_double/double.py", "../01_double/double.py", "C:/double.py", "01_double\\double.py"]
    got = intake.read(intake.single(zipped(tmp_path / "ada.zip", [(name, name.encode()) for name in names])), FILES)
    assert got.files == {"01_double": {"double.py": b"01_double\\double.py"}}
    assert [note.split(":")[0] for note in got.notes[:2]] == ["left out " + name for name in names[:2]]
    assert len(got.notes) == 3


@pytest.mark.parametrize("damage", ["cut in a film", "cut behind it", "a bad header"])
def test_a_tar_of_which_a_part_is_lost(tmp_path: Path, damage: str) -> None:
    """A tar that is cut off or damaged on the way is refused: only a part of what was handed in would be graded."""
    path = tarred("w")(tmp_path / "ada.tar", [("film.avi", bytes(5 * tarfile.BLOCKSIZE)), *HANDED_IN])
    whole, behind = path.read_bytes(), 6 * tarfile.BLOCKSIZE  # the film's header and its blocks
    assert whole[behind:].startswith(HANDED_IN[0][0].encode())
    if damage == "a bad header":
        path.write_bytes(whole[:behind] + b"?" + whole[behind + 1 :])
    else:
        path.write_bytes(whole[: behind - (tarfile.BLOCKSIZE if damage == "cut in a film" else 0)])
    with pytest.raises(
        UserError, match=r"cannot be read as an archive: (it ends too early, or is|unexpected end)"
    ) as error:
        intake.read(intake.single(path), FILES)
    assert "ask for another copy" in error.value.next_step


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE])
def test_links_and_devices_in_a_tar(tmp_path: Path, kind: bytes) -> None:
    """What is no regular file in a tar is left out, and the record says so."""
    with tarfile.open(tmp_path / "ada.tar", "w") as whole:
        member = tarfile.TarInfo("01_double/double.py")
        member.type, member.linkname = kind, "/etc/passwd"
        whole.addfile(member)
    got = intake.read(intake.single(tmp_path / "ada.tar"), FILES)
    assert got.files == {}
    assert got.notes == ("left out 01_double/double.py: not a regular file",)


def test_a_link_in_a_zip(tmp_path: Path) -> None:
    """A symbolic link in a zip, as Unix programs store it, is left out too."""
    with zipfile.ZipFile(tmp_path / "ada.zip", "w") as whole:
        member = zipfile.ZipInfo("01_double/double.py")
        member.external_attr = 0o120777 << 16
        whole.writestr(member, "/etc/passwd")
    got = intake.read(intake.single(tmp_path / "ada.zip"), FILES)
    assert (got.files, got.notes) == ({}, ("left out 01_double/double.py: not a regular file",))


@pytest.mark.parametrize("make", [zipped, tarred("w:gz"), tarred("w:xz")], ids=["zip", "gz", "xz"])
def test_a_bomb(tmp_path: Path, make: Callable[[Path, Members], Path]) -> None:
    """A member that unpacks to a hundred times what a source may have is left out; no more than the cap is unpacked."""
    path = make(tmp_path / "ada.zip", [("01_double/double.py", bytes(100 * tree.MAX_SOURCE)), *HANDED_IN[1:]])
    path = path.rename(tmp_path / ("ada.zip" if make is zipped else "ada.tar.gz"))
    assert path.stat().st_size < tree.MAX_SOURCE
    got = intake.read(intake.single(path), FILES)
    assert got.files == {"02_quad": {"quad.py": b"y = 2\n"}}
    assert got.notes == ("left out 01_double/double.py: larger than 512 KiB",)


@pytest.mark.parametrize("ending", ["gz", "bz2", "xz"])
def test_a_bomb_around_everything(tmp_path: Path, ending: str) -> None:
    """A tar that unpacks to more than the cap is refused, and says what to do."""
    make = tarred(f"w:{ending}")
    path = make(tmp_path / f"ada.tar.{ending}", [("film.avi", bytes(archives.MAX_TAR)), *HANDED_IN])
    with pytest.raises(UserError, match="unpacks to more than 64 MiB") as error:
        intake.read(intake.single(path), FILES)
    assert error.value.next_step


def test_a_bomb_of_names(tmp_path: Path) -> None:
    """A zip whose list of members is long is refused before it is looked at; so is a tar of many members."""
    path = zipped(tmp_path / "ada.zip", ((f"{'n' * 200}{number}", b"") for number in range(9_000)))
    with pytest.raises(UserError, match="its list of members is too long"):
        intake.read(intake.single(path), FILES)
    path = tarred("w:gz")(tmp_path / "bea.tgz", ((str(number), b"") for number in range(tree.MAX_ENTRIES + 1)))
    with pytest.raises(UserError, match="holds more than 20,000 files"):
        intake.read(intake.single(path), FILES)


def test_an_encrypted_member(tmp_path: Path) -> None:
    """A module that is encrypted is an error that names it: it is there, so it does not count as missing."""
    path = zipped(tmp_path / "ada.zip", HANDED_IN)
    content = bytearray(path.read_bytes())
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + flags] |= 1
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"exercises/01_double/double.py in it is encrypted"):
        intake.read(intake.single(path), FILES)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_unusual_packing(tmp_path: Path, method: int) -> None:
    """A method whose unpacking cannot be bounded is not read."""
    with zipfile.ZipFile(tmp_path / "ada.zip", "w", method) as whole:
        whole.writestr("01_double/double.py", "x" * 1000)
    with pytest.raises(UserError, match="packed by a method that is not read here"):
        intake.read(intake.single(tmp_path / "ada.zip"), FILES)


@pytest.mark.parametrize(("at", "bits"), [(49, 6), (100, 1)], ids=["in what deflate reads", "by its checksum"])
def test_a_damaged_member(tmp_path: Path, at: int, bits: int) -> None:
    """A byte that has changed is found, and the member is named."""
    path = zipped(tmp_path / "ada.zip", [("01_double/double.py", bytes(range(256)))])
    content = bytearray(path.read_bytes())
    assert content.index(b"double.py") + len("double.py") == 49
    content[at] ^= bits
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"01_double/double\.py in it is damaged"):
        intake.read(intake.single(path), FILES)


@pytest.mark.parametrize("name", [name for name in SHAPES if name != "ada"])
@pytest.mark.parametrize("part", [0.0, 0.3, 0.6])
def test_a_truncated_archive(tmp_path: Path, name: str, part: float) -> None:
    """An archive that ends too early is an error that names it, never an empty hand-in."""
    path = SHAPES[name](tmp_path / name, [(path, bytes(range(256)) * 40) for path, _ in HANDED_IN])
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * part)])
    with pytest.raises(UserError, match=r"cannot be read as an archive|in it is damaged"):
        intake.read(intake.single(path), FILES)


def test_a_broken_archive_beside_the_work(tmp_path: Path) -> None:
    """In a folder that has modules a broken archive is a note; where it is all there is, an error."""
    folder(tmp_path / "ada", [*HANDED_IN, ("old.zip", b"PK")])
    got = intake.read(intake.single(tmp_path / "ada"), FILES)
    assert got.files == TAKEN
    assert got.notes[0].startswith("left out old.zip: cannot be read as an archive")
    folder(tmp_path / "bea", [("work.zip", b"PK"), ("readme.txt", b"")])
    with pytest.raises(UserError, match="cannot be read as an archive") as error:
        intake.read(intake.single(tmp_path / "bea"), FILES)
    assert error.value.where == "work.zip"


def test_archives_within_archives(tmp_path: Path) -> None:
    """An archive in an archive is not opened: beside a module it is a note, and where there is none an error."""
    inner = zipped(tmp_path / "inner.zip", HANDED_IN).read_bytes()
    beside = zipped(tmp_path / "ada.zip", [("hw/inner.zip", inner), HANDED_IN[0]])
    got = intake.read(intake.single(beside), FILES)
    assert list(got.files) == ["01_double"]
    assert got.notes == ("left out hw/inner.zip: an archive within an archive",)
    members = [("hw/inner.zip", inner), ("exercises/01_double/helper.py", b"x = 1")]
    folder(tmp_path / "bea", [("hw.zip", zipped(tmp_path / "hw.zip", members).read_bytes()), ("readme.txt", b"")])
    for path, make in (("alone.zip", zipped), ("alone.tgz", SHAPES["ada.tgz"]), ("bea", None)):
        hand_in = make(tmp_path / path, members) if make else tmp_path / path
        with pytest.raises(
            UserError, match=r"hw/inner.zip: an archive within an archive, which is not opened"
        ) as error:
            intake.read(intake.single(hand_in), FILES)
        assert (error.value.where, error.value.next_step[:20]) == (str(hand_in), "put what is in it in")
    hidden = zipped(tmp_path / "cyd.zip", [("__MACOSX/hw/._inner.zip", b""), (".git/x.zip", b""), ("a.pdf", b"")])
    assert intake.read(intake.single(hidden), FILES).notes == ("it has no file that is asked for, but a.pdf",)


@pytest.mark.parametrize("text", ["", "\n\n", "# softmax\n", '"""A text."""\n', "pass\n", "import math\n"])
def test_a_file_without_code(tmp_path: Path, text: str) -> None:
    """It gives way to a file with code, also where it is not known what was handed out; alone it is handed in."""
    path, empty = HANDED_IN[0][0], text.encode()
    folder(tmp_path / "ada", [(path, empty), ("double (1).py", b"x = 1\n")])
    got = intake.read(intake.single(tmp_path / "ada"), FILES)
    assert got.files == {"01_double": {"double.py": b"x = 1\n"}}
    assert got.notes == (f"took 01_double/double.py from double (1).py: {path} holds no code",)
    got = intake.read(intake.single(folder(tmp_path / "bea", [(path, empty)])), FILES)
    assert (got.files, got.notes) == ({"01_double": {"double.py": empty}}, ())


@pytest.mark.parametrize("name", ["ada.rar", "ada.7z"])
def test_other_archives(tmp_path: Path, name: str) -> None:
    """An archive of another kind is not taken for nothing: the error says what to do."""
    (tmp_path / name).write_bytes(b"Rar!")
    with pytest.raises(UserError, match="packed in a way that is not read here"):
        intake.read(intake.single(tmp_path / name), FILES)


def test_no_more_than_some_archives(tmp_path: Path) -> None:
    """What many archives in one folder would take together is not taken."""
    for number in range(intake.MOST_ARCHIVES + 1):
        zipped(folder(tmp_path / "ada", [("x", b"")]) / f"{number}.zip", HANDED_IN)
    assert (
        f"left out {intake.MOST_ARCHIVES}.zip: more than 4 archives"
        in intake.read(intake.single(tmp_path / "ada"), FILES).notes
    )


def test_a_reader_that_is_kept_busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading that takes too long ends in an error, and the clock is put back as it was."""
    monkeypatch.setattr(intake, "READ_SECONDS", 0.05)

    def busy(content: bytes, wanted: notebooks.Wanted) -> notebooks.Found:
        while True:
            pass

    monkeypatch.setattr(notebooks, "read", busy)
    folder(tmp_path / "ada", [("01_double/double.ipynb", b"")])
    with pytest.raises(UserError, match="s to read"):
        intake.read(intake.single(tmp_path / "ada"), FILES)
    import signal

    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGVTALRM) == signal.SIG_DFL


# Notebooks


def cell(source: Any, kind: str = "code", **metadata: Any) -> dict[str, Any]:
    return {"cell_type": kind, "source": source, "metadata": metadata, "outputs": [], "execution_count": None}


def notebook(*cells: Any) -> bytes:
    return json.dumps({"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def test_a_notebook(tmp_path: Path) -> None:
    """The code cells of a notebook make the module; texts, raw cells, outputs and nbgrader's tests do not."""
    tests = {"grade": True, "solution": False, "grade_id": "t1", "locked": True, "schema_version": 3}
    answer = {**tests, "solution": True}
    content = notebook(
        cell("# Title", "markdown"), cell(["def double(x):\n", "    return 2 * x"], nbgrader=answer),
        cell("assert double(1) == 2", nbgrader=tests), cell("raw", "raw"), cell("y = 1"),
    )  # fmt: skip
    got = intake.read(intake.single(folder(tmp_path / "ada", [("exercises/01_double/double.ipynb", content)])), FILES)
    assert got.files == {"01_double": {"double.py": b"def double(x):\n    return 2 * x\n\ny = 1\n"}}
    assert got.notes == (
        "took 01_double/double.py from exercises/01_double/double.ipynb: "
        "all its code cells together, since none says that it is the module",
    )


def test_a_file_comes_before_a_notebook(tmp_path: Path) -> None:
    """Where both are handed in the file is taken, and the record says so."""
    folder(tmp_path / "ada", [*HANDED_IN, ("exercises/01_double/double.ipynb", notebook(cell("z = 1")))])
    got = intake.read(intake.single(tmp_path / "ada"), FILES)
    assert got.files == TAKEN
    assert got.notes == (
        "left out exercises/01_double/double.ipynb: exercises/01_double/double.py is taken, and they differ",
    )


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("%matplotlib inline\nx = 1", [0]),
        ("%%time\nx = 1\ny = 2", [0]),
        ("\n%%time\n%%capture out\nx = 1", [1, 2]),
        ("%%prun -s cumulative\n!ls\nx = 1", [0, 1]),
        ("%%timeit\nx = 1", [0, 1]),
        ("%%time\n%%bash\nls", [0, 1, 2]),
        ("%%\nx", [0, 1]),
        ("here = !ls\nx, y = %time f()\nz = 1", [0, 1]),
        ("!pip install torch\n  !ls\nx", [0, 1]),
        ("softmax?\nx = softmax??\nsoftmax.__doc__??\n?softmax", [0, 2, 3]),
        ("x = (7\n  % 4\n  != 3)  # is it?\nif x: pass", []),
        ("x = (7\n%b\n)\n%b", [3]),
        ("x = 7 \\\n%b", []),
        ('x = """\n%d items\nreally?\n!\\"""\n?\n"""\n!ls', [6]),
        ("x = r'''(\"\n%d''' % 1\n!ls", [2]),
        ("x = 'a \\\n%d' % 1\n!ls", [2]),
        ("x = \"it's (\"  # don't [\n!ls\nx = 'unfinished (\n!ls", [1, 3]),
    ],
)
def test_what_only_ipython_reads(text: str, lines: list[int]) -> None:
    """Magics, shell lines and questions become comments; Python's own % and != stay."""
    got = notebooks.read(notebook(cell(text), cell("last = 1")), notebooks.Wanted()).source
    assert got is not None
    want = [f"# {line}" if number in lines else line for number, line in enumerate(text.split("\n"))]
    assert got.decode() == "\n".join(want) + "\n\nlast = 1\n"


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("if x:\n    %matplotlib inline\ny = 1", "if x:\n    pass  # %matplotlib inline\ny = 1"),
        ("if x:  # so\n\t!ls\n\tf?", "if x:  # so\n\tpass  # !ls\n\tpass  # f?"),
        ("def f(\n    x):\n  %time x\n  return x", "def f(\n    x):\n  pass  # %time x\n  return x"),
        ("x = 1\n  !ls\ny = 2", "x = 1\n#   !ls\ny = 2"),
        (" !ls\nx = [\n  1]\n  !ls", "#  !ls\nx = [\n  1]\n#   !ls"),
    ],
)
def test_a_magic_may_be_all_of_a_block(text: str, want: str) -> None:
    """Within a block such a line becomes `pass`, so that the module stays Python; elsewhere its indentation is lost."""
    got = notebooks.read(notebook(cell(text)), notebooks.Wanted()).source
    assert got == f"{want}\n".encode()
    ast.parse(got)


def test_statements_end_where_pythons_do() -> None:
    """On all of this repository's code, lines that go on with a statement are told as by Python's own tokenizer."""
    files = sorted(Path(grader.__file__).parent.rglob("*.py"))
    assert len(files) > 50
    for file in files:
        lines = file.read_text("utf-8").split("\n")
        going_on, start = set(), 0
        for token in tokenize.generate_tokens(io.StringIO("\n".join(lines)).readline):
            if token.type == tokenize.NEWLINE:
                going_on |= set(range(start + 1, token.start[0] + 1))
                start = 0
            elif token.type not in (tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT):
                start = start or token.start[0]
        statement, got = texts.Statement(), set()
        for number, line in enumerate(lines, 1):
            got |= set() if statement.is_over else {number}
            statement.read(line)
        assert got == going_on, file


def test_cells_that_are_no_python_are_named(tmp_path: Path) -> None:
    """What a notebook has in another language, or writes to another file, is left out with a note."""
    content = notebook(
        cell("%%bash\nls"), cell("%%timeit\ny = 1"), cell("%%bash\npwd"), cell("%%writefile helper.py\nz = 1"),
        cell("%%writefile quad.py\nq = 1"), cell("%%time\nx = 1"),
    )  # fmt: skip
    got = intake.read(intake.single(folder(tmp_path / "ada", [("double.ipynb", content)])), FILES)
    source = got.files["01_double"]["double.py"].decode()
    assert "\n# %%time\nx = 1\n" in source
    assert "z = 1" not in source
    assert "q = 1" not in source
    assert got.notes[1:] == tuple(
        f"left out a cell with {magic} in double.ipynb: it is no Python of the module's"
        for magic in ("%%bash", "%%timeit", "%%writefile")
    )


@pytest.mark.parametrize(
    "head", ["%%writefile double.py", "%%file '01_double/Double.py'", "%%time\n%%writefile double.py"]
)
def test_a_cell_that_writes_the_file(tmp_path: Path, head: str) -> None:
    """In any notebook a cell that writes the module's file is the module."""
    content = notebook(cell(f"{head}\nx = 1"), cell("from double import x"))
    got = intake.read(intake.single(folder(tmp_path / "ada", [("double.ipynb", content)])), FILES)
    assert (got.files, got.notes) == (
        {"01_double": {"double.py": b"x = 1\n"}},
        ("took 01_double/double.py from double.ipynb",),
    )


BROKEN = {
    "no-json": b"{",
    "no-dict": b"[]",
    "old": json.dumps({"worksheets": [], "nbformat": 3}).encode(),
    "deep": b"[" * 100_000,
    "no-text": b"\xff\xfe\x00",
    "huge-number": b'{"nbformat": 4, "cells": [' + b"1" * 5000 + b"]}",
    "cell": notebook(1),
    "source": notebook(cell(None)),
    "lines": notebook(cell(["a", 1])),
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_a_broken_notebook(tmp_path: Path, content: bytes) -> None:
    """A file that is called a notebook and is none is an error that names it, and says why."""
    path = folder(tmp_path / "ada", [("01_double/double.ipynb", content)])
    with pytest.raises(UserError, match=r"01_double/double.ipynb cannot be read as a notebook: ") as error:
        intake.read(intake.single(path), FILES)
    assert error.value.where == str(path)


def test_hostile_metadata(tmp_path: Path) -> None:
    """Metadata and outputs of any kind change nothing."""
    hostile = cell("x = 1") | {"metadata": [1], "outputs": "<script>", "attachments": {"a": None}, "id": {}}
    marks = cell("y = 2", nbgrader=["grade"]), cell("z = 3", nbgrader={"grade": "yes", "solution": []})
    content = notebook(hostile, *marks, cell("t", "code", nbgrader={"grade": True}))
    assert notebooks.read(content, notebooks.Wanted()).source == b"x = 1\n\ny = 2\n\nz = 3\n"


def test_a_notebook_too_long(tmp_path: Path) -> None:
    """A notebook over its cap, or with more code than a file may have, is left out, and the record says so."""
    path = folder(tmp_path / "ada", [("double.ipynb", b" " * (tree.MAX_NOTEBOOK + 1))])
    assert intake.read(intake.single(path), FILES).notes == ("left out double.ipynb: larger than 8192 KiB",)
    folder(path, [("double.ipynb", notebook(cell("x" * (tree.MAX_SOURCE + 1))))])
    assert intake.read(intake.single(path), FILES).notes == ("left out double.ipynb: its code is larger than 512 KiB",)


def test_names_in_notes_cannot_act(tmp_path: Path) -> None:
    """A name of control characters is spelt out in the notes, and the notes have an end."""
    other = [(f"{i}/{j}/double.py", f"{i} {j}".encode()) for i in range(9) for j in range(9)]
    folder(tmp_path / "ada", [("\x1b[2Jold/double.py", b"1"), *other])
    got = intake.read(intake.single(tmp_path / "ada"), FILES)
    assert got.files == {"01_double": {"double.py": b"1"}}
    assert got.notes[0] == "left out 0/0/double.py: \\x1b[2Jold/double.py is taken, and they differ"
    assert (len(got.notes), got.notes[-1]) == (51, "and 32 notes more")
