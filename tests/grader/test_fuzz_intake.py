"""Odd archives, notebooks and names: intake makes a Submission of them or an error of ours, in bounded time and memory.

Some hundred cases of each in the suite; `make fuzz` does 100,000.
"""

from __future__ import annotations

import gzip
import io
import json
import tempfile
import tracemalloc
import warnings
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader import intake
from grader.errors import UserError
from grader.intake import archives, notebooks, tree
from grader.intake.cells import MOST_CELLS
from grader.model import HandedOut, Submission

FILES = {"01_double": ["double.py", "double_torch.py"], "02_quad": ["quad.py"]}
STUB = '"""Twice a number."""\n\nimport math\n\n\ndef double(x):\n    raise NotImplementedError\n'
GIVEN = HandedOut({"01_double": {"double.py": STUB}}, frozenset({"helper.py"}))
WANTED = notebooks.Wanted("01_double", "double.py", STUB, frozenset({"quad.py"}))
MEMORY = 400 << 20  # bytes that reading one hand-in may take
NAMES = st.sampled_from(
    [
        "exercises/01_double/double.py", "01_double/double.py", "a/b/quad.py", "Double.PY", "double.ipynb", "quad.py",
        "01_double/helper.py", "01_double", "exercises", "../quad.py", "/quad.py", "C:\\quad.py", "./double.py",
        "01_double/double.ipynb", "exercises/tutorial.ipynb",
        "01_double\\double.py", "__MACOSX/double.py", "a//double.py", "double.py/", "\x1b[2J/double.py", "\u00e9.py",
        "inner.zip", "", ".", "\0.py", "double.py\0", "a" * 300 + ".py",
    ]
)  # fmt: skip
CONTENTS = st.binary(max_size=60) | st.sampled_from(
    [b"", b"x = 1\n", bytes(2000), b"{}", b'{"nbformat": 4, "cells": []}', STUB.encode()]
)
MEMBERS = st.lists(st.tuples(NAMES, CONTENTS), max_size=4)


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A folder for the case at hand: one for all, since hypothesis runs many in one test."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def taken_or_refused(hand_in: Path) -> None:
    """A Submission of known steps, bounded and printable, or a UserError that says what, where and what next."""
    try:
        got = intake.read(intake.single(hand_in), FILES, GIVEN)
    except UserError as error:
        refused = error
    else:
        bounded(got)
        return
    assert all((refused.what, refused.where, refused.next_step))
    assert refused.what.isprintable()
    assert "s to read" not in refused.what


def bounded(got: Submission) -> None:
    """Fail unless it holds known steps, printable notes and sources of a fair size."""
    assert got.files.keys() <= FILES.keys()
    for sources in got.files.values():
        assert all(name.lower().endswith(".py") and "/" not in name for name in sources)
        assert all(type(source) is bytes and len(source) <= tree.MAX_SOURCE for source in sources.values())
    assert all(note.isprintable() for note in got.notes)
    assert len(got.notes) <= tree.MAX_NOTES + 1


def spoil(draw: st.DrawFn, content: bytes) -> bytes:
    """The content with bytes changed, cut out, put in or repeated."""
    spoilt = bytearray(content)
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(spoilt)))
        how = draw(st.sampled_from(["change", "cut", "put in", "repeat", "end"]))
        if how == "change" and at < len(spoilt):
            spoilt[at] = draw(st.sampled_from([0, 1, 0x7F, 0x80, 0xFF]) | st.integers(0, 255))
        elif how == "cut":
            del spoilt[at : at + draw(st.integers(1, 40))]
        elif how == "put in":
            spoilt[at:at] = draw(st.binary(max_size=9))
        elif how == "repeat":
            spoilt[at:at] = spoilt[max(0, at - 100) : at]
        else:
            del spoilt[at:]
    return bytes(spoilt)


@st.composite
def zips(draw: st.DrawFn) -> bytes:
    """A zip whose fields and bytes have been tampered with."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as whole:
        for name, data in draw(MEMBERS):
            member = zipfile.ZipInfo(name.replace("\0", "0") or "x")
            member.compress_type = draw(st.sampled_from([0, 8, 8, 12, 14]))
            member.external_attr = draw(st.sampled_from([0, 0o100644, 0o120777, 0o040755, 0o010644])) << 16
            member.extra = draw(st.sampled_from([b"", b"\x01\x00\x08\x00" + b"\xff" * 8, b"\x75\x70\x01\x00\x00"]))
            with warnings.catch_warnings(action="ignore", category=UserWarning):  # two of one name
                whole.writestr(member, data)
    return spoil(draw, content.getvalue())


def tar_header(name: bytes, kind: bytes, size: bytes, more: bytes) -> bytes:
    """A tar header with the right checksum, whatever its fields say."""
    block = bytearray(512)
    block[:100] = name[:100].ljust(100, b"\0")
    block[100:124] = b"0000644\0" + b"0000000\0" * 2
    block[124:136] = size[:12].ljust(12, b"\0")
    block[136:156] = b"00000000000\0" + b" " * 8
    block[156:157] = kind
    block[257:265] = b"ustar\x0000"
    block[345:500] = more[:155].ljust(155, b"\0")
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


SIZES = st.sampled_from(
    [b"77777777777\0", b"\xff" * 12, b"\x80" + b"\xff" * 11, b"\xff" * 11 + b"\x00", b"-1", b"x", b""]
)
PAX = st.lists(
    st.sampled_from(
        [
            b"20 path=quad.py\n", b"12 size=-1\n", b"16 size=99999999\n", b"0 x=y\n", b"99999 a=b\n",
            b"22 hdrcharset=BINARY\n", b"27 GNU.sparse.realsize=9e9\n", b"21 GNU.sparse.map=0,1\n",
            b"22 GNU.sparse.major=1\n", b"22 GNU.sparse.minor=0\n",
            b"19 mtime=nan\n", b"30 GNU.sparse.name=double.py\n", b"1", b"\n",
        ]
    )
).map(b"".join)  # fmt: skip


@st.composite
def tars(draw: st.DrawFn) -> bytes:
    """A tar with headers of every kind and sizes of every kind, then tampered with, then perhaps compressed."""
    whole = b""
    for name, data in draw(MEMBERS):
        kind = draw(
            st.sampled_from([b"0", b"0", b"\0", b"1", b"2", b"5", b"7", b"x", b"g", b"X", b"L", b"K", b"S", b"D"])
        )
        data = draw(PAX) if kind in b"xgX" and draw(st.booleans()) else data
        size = draw(SIZES) if draw(st.integers(0, 4)) == 0 else b"%011o\0" % len(data)
        whole += tar_header(name.encode(), kind, size, draw(st.binary(max_size=155) | st.just(b"")))
        whole += data.ljust(-(-len(data) // 512) * 512, b"\0")
    whole = whole + bytes(1024)
    spoilt = spoil(draw, whole)
    return gzip.compress(spoilt, 1) if draw(st.booleans()) else spoilt


@given(content=zips())
def test_any_zip(place: Path, content: bytes) -> None:
    """A zip of any sort is a Submission or an error that says what to do."""
    (place / "ada.zip").write_bytes(content)
    taken_or_refused(place / "ada.zip")


@given(content=tars())
def test_any_tar(place: Path, content: bytes) -> None:
    """So is a tar, compressed or not."""
    (place / "ada.tar.gz").write_bytes(content)
    taken_or_refused(place / "ada.tar.gz")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda some: st.lists(some) | st.dictionaries(st.text(), some),
    max_leaves=15,
)
SOURCES = (
    st.text()
    | st.lists(st.text())
    | st.sampled_from(["%%time\nx", "!ls\n? x\nx??", "# ?\n\ud800", "x" * 99])
    | st.sampled_from([STUB, f"%%module double.py\n{STUB}", "%%module", "%%test double\ny", "    return more(x)\n"])
    | st.sampled_from(["def double(x):\n    return more(x)", "def more(x):\n    return double(x)", "def double("])
    | JSON
)
IDS = st.sampled_from(["module", "module", "module-01_double", "module-02_quad", "explore-1", "public_x"]) | JSON
FLAGS = {name: st.booleans() | JSON for name in ("grade", "solution", "locked")}
MARKS = st.fixed_dictionaries({}, optional={**FLAGS, "grade_id": IDS}) | JSON
CELLS = st.fixed_dictionaries(
    {},
    optional={
        "cell_type": st.sampled_from(["code", "code", "markdown", "raw"]) | JSON,
        "id": IDS,
        "source": SOURCES,
        "metadata": st.fixed_dictionaries({}, optional={"nbgrader": MARKS}) | JSON,
        "outputs": JSON,
    },
)
NOTEBOOKS = st.fixed_dictionaries(
    {}, optional={"nbformat": st.just(4) | JSON, "cells": st.lists(CELLS) | JSON, "metadata": JSON}
)


@st.composite
def notebook_files(draw: st.DrawFn) -> bytes:
    """A notebook of any structure, with its bytes tampered with."""
    return spoil(draw, json.dumps(draw(NOTEBOOKS)).encode())


@given(content=notebook_files(), alone=st.booleans())
def test_any_notebook(place: Path, content: bytes, alone: bool) -> None:
    """A notebook of any sort is a source, nothing of the module, or one of the two errors that say why."""
    try:
        found = notebooks.read(content, replace(WANTED, alone=alone))
    except (notebooks.NotANotebook, notebooks.Unclear) as error:
        found = notebooks.Found(None, str(error))
    assert (type(found.source), type(found.how)) in ((bytes, str), (type(None), str))
    assert found.source or found.how or found == notebooks.Found(None)


@given(cells=st.lists(CELLS, min_size=1, max_size=8))
def test_any_cells_of_ours(place: Path, cells: list[dict[str, Any]]) -> None:
    """Cells of any sort in the notebook of a step, beside its file and in the notebook of all steps, end so too."""
    content = json.dumps({"nbformat": 4, "cells": [*cells, {"cell_type": "code", "source": "%%test double"}]})
    with tempfile.TemporaryDirectory(dir=place) as folder:
        step = Path(folder, "exercises", "01_double")
        step.mkdir(parents=True)
        (step / "double.py").write_text(STUB)
        (step / "double.ipynb").write_text(content)
        (step.parent / "tutorial.ipynb").write_text(content)
        taken_or_refused(Path(folder))


@given(members=MEMBERS)
def test_any_folder(place: Path, members: list[tuple[str, bytes]]) -> None:
    """A folder with files of any name is a Submission or an error that says what to do."""
    with tempfile.TemporaryDirectory(dir=place) as folder:
        for name, content in members:
            path = Path(folder, name.replace("\0", "0").strip("/.") or "x")
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            except OSError:
                continue  # a file where a folder should be, or a name too long
        taken_or_refused(Path(folder))


# Cases that random bytes do not meet


def tar_of(path: Path, *blocks: bytes) -> Path:
    path.write_bytes(gzip.compress(b"".join(blocks) + bytes(1024), 1))
    return path


# The second is what Python 3.14 says, which looks first.
IMPOSSIBLE = r"cannot be read as an archive: (it has a header of an impossible size|invalid (header|offset))"


def test_a_pattern_that_takes_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A header that would keep tarfile's own pattern busy for hours (CVE-2024-6232) is refused before that."""
    monkeypatch.setattr(intake, "READ_SECONDS", 0.5)
    digits = b"1" * (4 << 20)
    path = tar_of(tmp_path / "ada.tgz", tar_header(b"x", b"x", b"%011o\0" % len(digits), b""), digits)
    with pytest.raises(UserError, match=IMPOSSIBLE):
        intake.read(intake.single(path), FILES)


def test_offsets_that_go_backwards(tmp_path: Path) -> None:
    """A member of negative size, at which tarfile goes round in circles (CVE-2025-8194), ends in an error."""
    path = tar_of(tmp_path / "ada.tgz", tar_header(b"a", b"0", b"\xff" * 11 + b"\x00", b"") * 4)
    with pytest.raises(UserError, match=IMPOSSIBLE):
        intake.read(intake.single(path), FILES)


def heaviest() -> dict[str, Any]:
    """Hand-ins made to take memory: by what they inherit, by their number, by what they unpack to."""
    keys = b"".join(b"%d k%07d=\n" % (12, number) for number in range(100_000))
    inherited = tar_header(b"g", b"g", b"%011o\0" % len(keys), b"") + keys.ljust(-(-len(keys) // 512) * 512, b"\0")
    own = tar_header(b"x", b"x", b"%011o\0" % 16, b"") + b"16 path=quad.py\n".ljust(512, b"\0")
    members = (own + tar_header(b"quad.py", b"0", b"%011o\0" % 1, b"") + b"x".ljust(512, b"\0")) * 100
    sparse = tar_header(b"quad.py", b"S", b"%011o\0" % 0, b"") * 1000
    lists = b'{"nbformat": 4, "cells": [' + b"[]," * ((tree.MAX_NOTEBOOK - 30) // 3) + b"[]]}"
    names = io.BytesIO()
    with zipfile.ZipFile(names, "w") as whole:
        for number in range(tree.MAX_ENTRIES):
            whole.writestr(f"{number}.py", b"")
    return {
        "inherited": ("ada.tgz", gzip.compress(inherited + members, 1)),
        "sparse": ("ada.tgz", gzip.compress(sparse, 1)),
        "lists": ("double.ipynb", lists),
        "names": ("ada.zip", names.getvalue()),
        "zeros": ("ada.tgz", gzip.compress(bytes(archives.MAX_TAR), 1)),
    }


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["inherited", "sparse", "lists", "names", "zeros"])
def test_the_heaviest_stay_within_memory(tmp_path: Path, kind: str) -> None:
    """Hand-ins made to take memory take no more than they may, archive and all."""
    name, content = heaviest()[kind]
    (tmp_path / "ada").mkdir()
    (tmp_path / "ada" / name).write_bytes(content)
    tracemalloc.start()
    try:
        taken_or_refused(tmp_path / "ada")
        assert tracemalloc.get_traced_memory()[1] < MEMORY
    finally:
        tracemalloc.stop()


def test_more_cells_than_anybody_makes(tmp_path: Path) -> None:
    """A notebook of a million cells is refused before one of them is looked at."""
    content = b'{"nbformat": 4, "cells": [' + b"{}," * 1_000_000 + b"{}]}"
    (tmp_path / "double.ipynb").write_bytes(content)
    with pytest.raises(UserError, match="has more than 20,000 cells"):
        intake.read(intake.single(tmp_path), FILES)


def test_a_chain_of_headers(tmp_path: Path) -> None:
    """Headers about headers, which tarfile reads by recursion, end in an error and not in a crash."""
    path = tar_of(tmp_path / "ada.tgz", tar_header(b"x", b"x", b"%011o\0" % 0, b"") * 5000)
    with pytest.raises(UserError, match="cannot be read as an archive"):
        intake.read(intake.single(path), FILES)


def code(source: str, **more: Any) -> dict[str, Any]:
    return {"cell_type": "code", "source": source, **more}


def calls_the_next(number: int) -> dict[str, Any]:
    return code(f"def {f'f{number}' if number else 'double'}(x):\n    return f{number + 1}(x)")


OWN = {"id": "module", "metadata": {"nbgrader": {"grade_id": "module"}}}
HEAVY: dict[str, Callable[[int], dict[str, Any]]] = {  # how each of the cells is made
    "equal modules": lambda number: code("%%module double.py\nx = 1", **OWN),
    "modules that differ": lambda number: code(f"%%module double.py\nx = {number}", **OWN),
    "ids that are lists": lambda number: code("def double(x): 1", id=["module"] * 9, metadata=[]),
    "prose": lambda number: {"cell_type": "markdown", "source": f"def double(x):\n    return {number}"},
    "functions that call each other": calls_the_next,
    "cells without anything": lambda number: {"metadata": {}} if number < MOST_CELLS - 2 else code("x" * (1 << 20)),
    "rests of a function": lambda number: code(f"    x = {number}", **({} if number else OWN)),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", HEAVY)
def test_the_heaviest_notebooks(tmp_path: Path, kind: str) -> None:
    """Cells made to be compared and joined in great number end in time and within memory too."""
    cells = [code("%%test double"), *map(HEAVY[kind], range(MOST_CELLS - 1))]
    content = json.dumps({"nbformat": 4, "cells": cells}).encode()
    assert tree.MAX_NOTEBOOK // 10 < len(content) <= tree.MAX_NOTEBOOK
    (tmp_path / "ada").mkdir()
    for name in ("double.ipynb", "tutorial.ipynb"):
        (tmp_path / "ada" / name).write_bytes(content)
    tracemalloc.start()
    try:
        taken_or_refused(tmp_path / "ada")
        assert (
            tracemalloc.get_traced_memory()[1] < MEMORY / 5
        )  # at least a tenth of the largest notebook, and there are two
    finally:
        tracemalloc.stop()
