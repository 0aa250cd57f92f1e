"""What is taken from the course's notebooks, whatever Jupyter and its user have done to them, and from files beside."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from grader import course as courses
from grader import engine, intake
from grader.cli import main
from grader.errors import UserError
from grader.intake import notebooks, texts
from grader.model import PASSED, HandedOut, Record, Submission
from grader.package import autograde
from grader.release import notebooks as released

ROOT = Path(__file__).resolve().parents[2]
FILES = {"01_double": ["double.py", "double_torch.py"], "02_quad": ["quad.py"]}
STUB = '''"""Twice a number, and half of it.

Each undoes the other: this sentence is no Python.
"""

import math


def double(x: float) -> float:
    """2 x. ValueError: x is not finite."""
    raise NotImplementedError("01_double: write double() in double.py")


def halve(x: float) -> float:
    """x / 2.

    The other way round.
    """
    raise NotImplementedError("01_double: write halve() in double.py")
'''
LEFT = [line for line in STUB.splitlines() if "raise Not" in line]
DOUBLED = "    if not math.isfinite(x):\n        raise ValueError(x)\n\n    return 2 * x"
ANSWER = STUB.replace(LEFT[0], DOUBLED).replace(LEFT[1], "    return x / 2")
OTHER = STUB.replace(LEFT[0], "    return x + x").replace(LEFT[1], "    return x * 0.5")
TORCH = STUB.replace("double.py", "double_torch.py")
QUAD = (
    'from double import double\n\n\ndef quad(x):\n    raise NotImplementedError("02_quad: write quad() in quad.py")\n'
)
SUPPORT = ["conftest.py", "expect.py", "explore.py", "microgpt.py", "test_double.py", "workbook.py"]
GIVEN = HandedOut(
    {"01_double": {"double.py": STUB, "double_torch.py": TORCH}, "02_quad": {"quad.py": QUAD}}, frozenset(SUPPORT)
)
NEVER = "never of the module"  # stands in every cell that is not
Cell = dict[str, Any]


def cell(source: str, kind: str = "code", id: str = "", **marks: Any) -> Cell:
    made = {"cell_type": kind, "source": source, "metadata": {}}
    made |= {"outputs": [], "execution_count": None} if kind == "code" else {}
    made["metadata"] = {"nbgrader": {"grade_id": id, "schema_version": 3, **marks}} if marks else {}
    return made | ({"id": id} if id else {})


def module_cell(text: str, file: str = "double.py", id: str = "module") -> Cell:
    marks = {"grade": False, "solution": True, "locked": False}
    return cell(f"%%module {file}\n{text}".rstrip("\n"), "code", id, **marks)


def ours(*own: Cell) -> list[Cell]:
    """The cells of a step's notebook around the module's."""
    test = {"grade": True, "solution": False, "locked": True, "points": 0}
    public = f"%%test double\ndef test_double():\n    assert double(1) == 2, '{NEVER}'"
    return [
        cell(f"import sys\n\nnever = '{NEVER}'\n%load_ext workbook", "code", "set-up", grade=False, locked=True),
        cell(f"# Twice\n\n{NEVER}\n\n```python\ndef double(x): ...\n```", "markdown", "text-lesson"),
        *own,
        cell(public, "code", "public_test_double", **test),
        cell(f"# A number is doubled. {NEVER}", "code", "test_a_number_is_doubled", **test),
        cell(f"import math\n\nnever = '{NEVER}'\nprint(double(3))", "code", "explore-0"),
    ]


def notebook(cells: list[Cell]) -> bytes:
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def stripped(cells: list[Cell]) -> list[Cell]:
    """Without ids and metadata, as some programs save a notebook."""
    return [{key: value for key, value in one.items() if key not in ("id", "metadata")} for one in cells]


def without_magic(one: Cell) -> Cell:
    return one | {"source": one["source"].split("\n", 1)[1]}


def cut(one: Cell, *lines: int) -> list[Cell]:
    """As JupyterLab cuts: marks go to all parts, the id to the last, and the line ends around the cuts are lost."""
    whole = one["source"].split("\n")
    parts = [whole[start:end] for start, end in zip([0, *lines], [*lines, None], strict=True)]
    return [
        one | {"source": "\n".join(part).strip("\n"), "id": "module" if number == len(lines) else f"a{number}"}
        for number, part in enumerate(parts)
    ]


def written(text: str, name: str = "double.ipynb") -> str:
    """A file as running the module's cell writes it."""
    return f"{text}# written by {name}: {hashlib.sha256(text.encode()).hexdigest()[:16]}\n"


def submission(folder: Path, files: dict[str, str | bytes | list[Cell]], given: HandedOut = GIVEN) -> Submission:
    for name, content in files.items():
        file = folder / "ada" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        whole = notebook(content) if isinstance(content, list) else content
        file.write_bytes(whole.encode() if isinstance(whole, str) else whole)
    return intake.read(intake.single(folder / "ada"), FILES, given)


def taken(got: Submission, name: str = "01_double/double.py") -> str:
    step, _, file = name.partition("/")
    return got.files[step][file].decode()


FILE, NOTEBOOK = "exercises/01_double/double.py", "exercises/01_double/double.ipynb"
TUTORIAL, TORCH_TUTORIAL = "exercises/tutorial.ipynb", "exercises/tutorial_torch.ipynb"
TOOK = f"took 01_double/double.py from {NOTEBOOK}"
NOTHING = f"left out {NOTEBOOK}: nothing of 01_double/double.py is in it"

# The module in its notebook

WHOLE = module_cell(ANSWER)
IN_HALVES = STUB.splitlines().index('    raise NotImplementedError("01_double: write double() in double.py")') + 5
WAYS: dict[str, tuple[list[Cell], str]] = {  # what was done to the notebook: its cells, and what is said
    "nothing": (ours(WHOLE), ""),
    "ids lost": (ours({key: value for key, value in WHOLE.items() if key != "id"}), ""),
    "marks lost": (ours(WHOLE | {"metadata": {}}), ""),
    "ids and marks lost": (stripped(ours(WHOLE)), ""),
    "magic deleted": (ours(without_magic(WHOLE)), ""),
    "magic deleted, id lost": (ours(without_magic(WHOLE) | {"id": "0a1b"}), ""),
    "magic in other words": (stripped(ours(module_cell(ANSWER, "'./Double.PY'"))), ""),
    "magic without a name": (stripped(ours(module_cell(ANSWER, ""))), ""),
    "magic of no module": (ours(module_cell(ANSWER, "duoble.py")), ""),
    "empty lines before it": (stripped(ours(WHOLE | {"source": f"\n\n{WHOLE['source']}"})), ""),
    "lines as a list": (ours(WHOLE | {"source": WHOLE["source"].splitlines(keepends=True)}), ""),
    "moved to the end": ([*ours(), WHOLE], ""),
    "moved to the top": ([WHOLE, *ours()], ""),
    "all but the magic lost": (stripped([*ours()[2:], WHOLE]), ""),
    "magic, ids, marks lost": (stripped(ours(without_magic(WHOLE))), "by what its cells define"),
    "everything lost": (stripped([ours()[1], without_magic(WHOLE), ours()[-1]]), "by what its cells define"),
    "retyped": (ours(WHOLE | {"cell_type": "markdown"}), "from a cell that is no code cell"),
    "retyped to raw": (ours(WHOLE | {"cell_type": "raw"}), "from a cell that is no code cell"),
    "retyped, all lost": (
        stripped(ours(without_magic(WHOLE) | {"cell_type": "markdown"})),
        "by what its cells define, from a cell that is no code cell",
    ),
    "cut": (ours(*cut(WHOLE, IN_HALVES)), "2 cells joined"),
    "cut in four": (ours(*cut(WHOLE, 7, IN_HALVES, IN_HALVES + 3)), "4 cells joined"),
    "cut, all but the magic lost": (
        stripped(ours(*cut(WHOLE, 7, IN_HALVES))), "by what its cells define, 3 cells joined"),
    "cut, all lost": (
        stripped(ours(*cut(without_magic(WHOLE), 6, IN_HALVES))), "by what its cells define, 3 cells joined"),
    "cut within the last function": (stripped(ours(*cut(WHOLE, IN_HALVES + 3))), "2 cells joined"),
    "cut within a text": (stripped(ours(*cut(WHOLE, IN_HALVES + 5))), "2 cells joined"),
    "cut and apart": (stripped([cut(WHOLE, IN_HALVES)[0], *ours(), cut(WHOLE, IN_HALVES)[1]]),
                      "by what its cells define, 2 cells joined"),
    "cut, one part retyped": (ours(cut(WHOLE, IN_HALVES)[0], cut(WHOLE, IN_HALVES)[1] | {"cell_type": "markdown"}),
                              "2 cells joined, from a cell that is no code cell"),
    "there twice": (ours(WHOLE, WHOLE | {"id": "5e6f"}), "its cell is there more than once, and the same"),
    "there a thousand times": (ours(*[WHOLE] * 1000), "its cell is there more than once, and the same"),
    "there twice, one with other white space": (
        ours(WHOLE, WHOLE | {"source": WHOLE["source"].replace("\n\n", "\n \n\n") + "\n\n"}),
        "its cell is there more than once, and the same"),
    "there twice, all lost": (stripped(ours(*[without_magic(WHOLE)] * 2)),
                              "by what its cells define, its cell is there more than once, and the same"),
    "before a copy of the stub": (ours(WHOLE, module_cell(STUB)), "without the copies that say less"),
    "after a copy of the stub": (ours(module_cell(STUB), WHOLE), "without the copies that say less"),
    "after a copy of the stub, all lost": (
        stripped(ours(without_magic(module_cell(STUB)), without_magic(WHOLE))),
        "by what its cells define, without the copies that say less"),
    "cut, and a copy of the stub": (
        ours(module_cell(STUB), *cut(WHOLE, IN_HALVES)), "without the copies that say less, 2 cells joined"),
    "a part of it copied": (ours(cut(WHOLE, IN_HALVES)[0], WHOLE), "without the copies that say less"),
    "beside the other track's": (ours(module_cell(TORCH, "double_torch.py", "b2"), WHOLE), ""),
    "an empty one beside it": (ours(WHOLE, module_cell(""), module_cell("# double(x) here")), ""),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_the_module_of_a_notebook(tmp_path: Path, way: str) -> None:
    """The module is found whatever was done to its cell; how is said where it is not by that cell's own marks."""
    cells, how = WAYS[way]
    got = submission(tmp_path, {NOTEBOOK: cells})
    assert texts.plain(taken(got)) == texts.plain(ANSWER)
    assert NEVER not in taken(got)
    assert got.notes == (f"{TOOK}: {how}" if how else TOOK,)
    compile(taken(got), "double.py", "exec")


def test_the_text_is_the_files(tmp_path: Path) -> None:
    """What a whole cell holds is taken as running it would write it, byte for byte."""
    assert taken(submission(tmp_path, {NOTEBOOK: ours(WHOLE)})) == ANSWER


def test_where_nothing_is_known_of_the_course(tmp_path: Path) -> None:
    """Cells that say what they are need no stub to be found."""
    for number, cells in enumerate((ours(WHOLE), ours(*cut(WHOLE, IN_HALVES)), ours(WHOLE, WHOLE))):
        got = submission(tmp_path / str(number), {NOTEBOOK: cells}, HandedOut())
        assert texts.plain(taken(got)) == texts.plain(ANSWER)


HELPED = STUB.replace(LEFT[0], "    return times(2, x)").replace(LEFT[1], "    return times(0.5, x)")


def test_functions_that_the_parts_call(tmp_path: Path) -> None:
    """Of a cut module the learner's own helpers come too, in the notebook's order, and what only explores does not."""
    helpers = [
        cell("def times(a, b):\n    return product([a, b])"),
        cell("def product(some):\n    return math.prod(some)"),
    ]
    explored = cell(f"def show(x):\n    print(double(x), '{NEVER}')\n\n\nshow(3)")
    parts = stripped(ours(*cut(module_cell(HELPED), 10), explored, *helpers))
    got = submission(tmp_path, {NOTEBOOK: parts})
    namespace: dict[str, Any] = {}
    exec(taken(got), namespace)
    assert (namespace["double"](4), namespace["halve"](4)) == (8, 2)
    assert NEVER not in taken(got)
    assert got.notes == (f"{TOOK}: by what its cells define, 4 cells joined",)


@pytest.mark.parametrize(
    "other",
    [
        cell(f"def double(x):\n    '{NEVER}'", "code", "explore-7"),
        cell(f"%%test double\ndef halve(x):\n    '{NEVER}'"),
        cell(f"def double(x):\n    '{NEVER}'", "code", "x", grade=True, solution=False),
        cell(f"def double(x):\n    '{NEVER}'", "code", "x", grade=False, solution=False, locked=True),
        cell(f"def double(x):\n    '{NEVER}'", "code", "set-up"),
        cell(f"%%module quad.py\ndef double(x):\n    '{NEVER}'"),
        cell(f"%%module quad.py\ndef double(x):\n    '{NEVER}'", "code", "module"),
        cell(f"%%test double\ndef double(x):\n    '{NEVER}'", "code", "module"),
        cell(f"    print('{NEVER}')", "code", "explore-1"),
        cell(f"    x = 1\n\nAs in a text: {NEVER}", "markdown"),
        cell(f"In short:\n\ndef double(x):\n    '{NEVER}'", "markdown"),
        cell(f"```python\ndef double(x):\n    '{NEVER}'\n```", "markdown"),
    ],
    ids=[
        "explore",
        "test",
        "check",
        "locked",
        "set-up",
        "another module",
        "another module by its id",
        "a test by its id",
        "indented",
        "a quotation",
        "prose",
        "a fence",
    ],
)
def test_what_is_never_of_the_module(tmp_path: Path, other: Cell) -> None:
    """Set-up, tests, checks, what explores, other modules and lessons are not taken, also where the module is cut."""
    got = submission(tmp_path / "cut", {NOTEBOOK: ours(*stripped(cut(WHOLE, IN_HALVES)), other)})
    assert texts.plain(taken(got)) == texts.plain(ANSWER)
    got = submission(tmp_path / "gone", {NOTEBOOK: ours(other)})
    assert (got.files, got.notes) == ({}, (NOTHING,))


def test_what_is_imported_is_not_looked_for(tmp_path: Path) -> None:
    """What a part calls and imports from an earlier step is not taken from a cell that tries something out."""
    tried = cell(f"def double(x):\n    '{NEVER}'")
    own = [cell("from double import double"), cell("def quad(x):\n    return double(double(x))")]
    got = submission(tmp_path, {"exercises/02_quad/quad.ipynb": [tried, *own, cell("%%test quad")]})
    assert taken(got, "02_quad/quad.py") == "from double import double\ndef quad(x):\n    return double(double(x))\n"


def test_half_of_a_cut_module_is_done(tmp_path: Path) -> None:
    """A copy of the stub does not replace the part that is still as it was handed out."""
    half = STUB.replace(LEFT[0], DOUBLED)
    got = submission(tmp_path, {NOTEBOOK: ours(*cut(module_cell(half), IN_HALVES), module_cell(STUB))})
    assert texts.plain(taken(got)) == texts.plain(half)


def test_parts_of_the_stub(tmp_path: Path) -> None:
    """Parts of what was handed out are never unclear, however they overlap."""
    parts = ["\n".join(STUB.split("\n")[8:18]), "\n".join(STUB.split("\n")[5:16])]
    got = submission(tmp_path, {NOTEBOOK: ours(*map(module_cell, parts))})
    assert all(part in STUB for part in parts)
    assert taken(got).strip() in [part.strip() for part in parts]


def test_an_untouched_notebook_alone(tmp_path: Path) -> None:
    """It is taken as the file would be, and there is nothing more to say."""
    got = submission(tmp_path, {NOTEBOOK: ours(module_cell(STUB))})
    assert (taken(got), got.notes) == (STUB, (TOOK,))


def test_a_whole_cell_is_enough(tmp_path: Path) -> None:
    """Where the module's cell defines all of it, what a cell without marks defines is the learner's trying out."""
    got = submission(tmp_path, {NOTEBOOK: ours(WHOLE, cell(f"def double(x):\n    '{NEVER}'"))})
    assert (taken(got), got.notes) == (ANSWER, (TOOK,))


BELOW = ANSWER[ANSWER.index("import math") :]
HALF = STUB.replace(LEFT[0], DOUBLED)
HALVE = 'def halve(x):\n    """x / 2."""\n    return part(x)'
PART = "def part(x):\n    return x / 2"
APART = "with what is written in cells of its own"


@pytest.mark.parametrize(
    ("own", "others", "joined"),
    [
        (STUB, [BELOW], 2),
        (STUB, [ANSWER], 2),
        (STUB, [f"%%time\n{BELOW}"], 2),
        (STUB, [BELOW, BELOW], 2),
        (STUB, [BELOW.split("\n\n\ndef halve")[0], HALVE, PART], 4),
        (f"from __future__ import annotations\n{STUB}", [f"from __future__ import annotations\n{BELOW}"], 2),
        (STUB, [f"from __future__ import annotations\n{BELOW}"], 2),
        (HALF, [HALVE.replace("part(x)", "x / 2")], 2),
        (HALF, [PART, HALVE], 3),
        (HALF, [HALF.replace(LEFT[1], "    return x / 2")], 2),
        (HALF.replace(LEFT[1], "    pass  # below\n\n\nprint('done')"), [PART, HALVE], 3),
    ],
    ids=range(11),
)
def test_the_answer_in_other_cells(tmp_path: Path, own: str, others: list[str], joined: int) -> None:
    """What the module's cell leaves to be written is taken from the cells that write it, wherever they stand."""
    answers = [cell(text) for text in others]
    explored = cell(f"def show(x):\n    print(double(x), '{NEVER}')")
    for name, cells in (
        ("below", ours(module_cell(own), explored, *answers)),
        ("above", [*answers, *ours(module_cell(own))]),
    ):
        got = submission(tmp_path / name, {NOTEBOOK: cells, FILE: STUB})
        namespace: dict[str, Any] = {}
        exec(compile(taken(got), "double.py", "exec", dont_inherit=True), namespace)
        assert (namespace["double"](4), namespace["halve"](4)) == (8, 2)
        assert NEVER not in taken(got)
        assert len(got.notes) == 1
        assert f"{APART}, {joined} cells joined" in got.notes[0]


def test_answers_in_other_cells_that_do_not_agree(tmp_path: Path) -> None:
    """Two that differ, or one that would put back what is handed out in the place of work, are not guessed at."""
    halve = cell(HALVE.replace("part(x)", "x / 2"))
    for number, cells in enumerate(
        (
            [module_cell(STUB), cell(BELOW), cell(OTHER[OTHER.index("import math") :])],
            [module_cell(HALF), cell(OTHER)],
            [module_cell(HALF), cell(STUB.replace(LEFT[1], "    return x / 2"))],
            [module_cell(HALF), halve, cell(HALVE)],
        )
    ):
        with pytest.raises(UserError, match="in two cells that differ"):
            submission(tmp_path / str(number), {NOTEBOOK: ours(*cells)})
    copies = [cell(f"def halve(x):\n    return x / {number}") for number in range(1, 3000)]
    with pytest.raises(UserError, match="in more than 100 cells that differ"):
        submission(tmp_path / "many", {NOTEBOOK: ours(module_cell(HALF), *copies)})


@pytest.mark.parametrize("files", [{}, {FILE: STUB}], ids=["alone", "beside the stub"])
def test_an_answer_in_another_language(tmp_path: Path, files: dict[str, str]) -> None:
    """A cell that would be the answer but for its magic is named, since it is the cause of what is missing."""
    cells = ours(module_cell(STUB), cell("%%bash\nls"), cell(f"%%bash\n{BELOW}"))
    got = submission(tmp_path, {NOTEBOOK: cells, **files})
    assert taken(got) == STUB
    assert got.notes[-1] == f"left out a cell with %%bash in {NOTEBOOK}: it is no Python of the module's"


def test_a_copy_of_what_is_handed_out_below(tmp_path: Path) -> None:
    """Another cell that has written nothing either changes nothing."""
    got = submission(tmp_path, {NOTEBOOK: ours(module_cell(STUB), cell(STUB.replace(LEFT[0], "    pass")))})
    assert (taken(got), got.notes) == (STUB, (TOOK,))


def test_magics_in_the_module(tmp_path: Path) -> None:
    """The module's own line is dropped; other magics and shell lines become comments, as in any notebook."""
    shell = module_cell(f"!pip install numpy\n%matplotlib inline\n{ANSWER}")
    got = submission(tmp_path / "lines", {NOTEBOOK: ours(shell)})
    assert taken(got) == f"# !pip install numpy\n# %matplotlib inline\n{ANSWER}"
    got = submission(tmp_path / "cell", {NOTEBOOK: ours(module_cell(f"%%time\n{ANSWER}"))})
    assert (taken(got), got.notes) == (f"# %%time\n{ANSWER}", (TOOK,))
    got = submission(tmp_path / "above", {NOTEBOOK: ours(WHOLE | {"source": f"%%capture\n{WHOLE['source']}"})})
    assert (taken(got), got.notes) == (ANSWER, (TOOK,))


def test_a_module_in_another_language(tmp_path: Path) -> None:
    """A cell that by its magic is not the module's Python is named, as the cause of what is missing; others are not."""
    trying_out = cell("%%timeit\ndouble(3)")
    got = submission(tmp_path / "own", {NOTEBOOK: ours(module_cell(f"%%timeit\n{ANSWER}"), trying_out)})
    said = f"left out a cell with %%timeit in {NOTEBOOK}: it is no Python of the module's"
    assert (got.files, got.notes) == ({}, (NOTHING, said))
    half, rest = cut(WHOLE, IN_HALVES)
    timed = rest | {"source": f"%%timeit\n{rest['source']}"}
    got = submission(tmp_path / "cut", {NOTEBOOK: stripped(ours(half, timed, trying_out))})
    assert "return 2 * x" in taken(got)
    assert got.notes == (TOOK, said)
    assert submission(tmp_path / "whole", {NOTEBOOK: ours(WHOLE, trying_out)}).notes == (TOOK,)


@pytest.mark.parametrize("lost", [list, stripped], ids=["marked", "all lost"])
def test_two_cells_that_differ(tmp_path: Path, lost: Callable[[list[Cell]], list[Cell]]) -> None:
    """Of two cells with different work none is taken: the error names the notebook and says what to do."""
    one, other = (module_cell(text) for text in (ANSWER, OTHER))
    with pytest.raises(UserError) as error:
        submission(tmp_path, {NOTEBOOK: lost(ours(*map(without_magic, (one, other))))})
    assert error.value.what == f"{NOTEBOOK} holds 01_double/double.py in two cells that differ"
    assert (error.value.where, error.value.next_step) == (
        str(tmp_path / "ada"),
        "leave the one that counts, with %%module double.py as its first line",
    )


def test_a_last_line_cut_short_differs(tmp_path: Path) -> None:
    """Parts are told by whole lines: a cell that ends within a line of another says something else."""
    with pytest.raises(UserError, match="in two cells that differ"):
        submission(tmp_path, {NOTEBOOK: ours(WHOLE, module_cell(ANSWER.rstrip("\n").removesuffix(" / 2")))})


def test_two_cells_that_differ_beside_the_file(tmp_path: Path) -> None:
    """Where the file is answered too, it is taken, and what is unclear is a note; a stub does not decide it."""
    cells = ours(WHOLE, module_cell(OTHER))
    got = submission(tmp_path / "answered", {NOTEBOOK: cells, FILE: ANSWER})
    assert taken(got) == ANSWER
    assert got.notes == (
        f"left out {NOTEBOOK}: {FILE} is taken, and this one is unreadable: "
        f"{NOTEBOOK} holds 01_double/double.py in two cells that differ",
    )
    with pytest.raises(UserError, match="in two cells that differ"):
        submission(tmp_path / "stub", {NOTEBOOK: cells, FILE: STUB})


def test_more_cells_than_anybody_makes(tmp_path: Path) -> None:
    """Thousands of cells with one id are not compared with each other."""
    parts = [module_cell(f"x = {number}") for number in range(3000)]
    with pytest.raises(UserError, match="in more than 100 cells that differ"):
        submission(tmp_path, {NOTEBOOK: ours(*parts)})


ODD = [None, True, 7, [], ["module"], {"module": "module"}, {}, "", "module\0"]


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_odd_ids_and_marks(tmp_path: Path, odd: Any) -> None:
    """Ids and marks of other types are none, and change nothing."""
    loose = without_magic(WHOLE) | {"id": odd, "metadata": {"nbgrader": {"grade_id": odd, "locked": odd and [odd]}}}
    got = submission(tmp_path / "id", {NOTEBOOK: ours(loose)})
    assert taken(got) == ANSWER
    got = submission(tmp_path / "marks", {NOTEBOOK: ours(WHOLE | {"id": odd, "metadata": odd, "cell_type": odd})})
    assert taken(got) == ANSWER


# Notebooks without it


def test_the_modules_cell_is_deleted(tmp_path: Path) -> None:
    """Then the file is taken; without one the module is not handed in, and both are said."""
    got = submission(tmp_path / "file", {NOTEBOOK: ours(), FILE: ANSWER})
    assert (taken(got), got.notes) == (ANSWER, (NOTHING,))
    got = submission(tmp_path / "none", {NOTEBOOK: ours()})
    assert (got.files, got.notes) == ({}, (NOTHING,))
    got = submission(tmp_path / "empty", {NOTEBOOK: ours(module_cell("\n# later\n"))})
    assert (got.files, got.notes) == ({}, (NOTHING,))


@pytest.mark.parametrize("cells", [[], [cell("\n"), cell("# later"), cell("x = 1", "markdown")]], ids=["none", "empty"])
@pytest.mark.parametrize("name", [FILE, "work/double.py", "exercises/01_double/double-Copy1.ipynb", TUTORIAL])
def test_an_emptied_notebook(tmp_path: Path, cells: list[Cell], name: str) -> None:
    """A notebook without code is no version of the module: a file that it wrote, and any other, is taken."""
    work = ANSWER if name.startswith("work") else written(ANSWER) if name == FILE else ours(WHOLE)
    if name == TUTORIAL:
        work = tutorial(double=ANSWER)
    got = submission(tmp_path, {NOTEBOOK: cells, name: work})
    assert taken(got) == (ANSWER if name != FILE else written(ANSWER))
    assert got.notes[0] == NOTHING
    assert not any("both are answered" in note for note in got.notes)


def test_what_is_work() -> None:
    """One function written, a statement more, or a name from elsewhere makes a stub work; broken texts end."""
    for text in (
        HALF,
        f"{STUB}\nhalve = double\n",
        STUB.replace("import math", "from mine import *"),
        STUB.replace(LEFT[1], "    return x / 2"),
        STUB.replace(LEFT[1], "    raise ValueError(x)"),
        STUB.replace(LEFT[1], "    pass; return x / 2"),
        STUB.replace(f"\n{LEFT[1]}", "").replace("(x: float) -> float:", "(x: float) -> float: return x / 2"),
        ANSWER + "'''unfinished",
    ):
        assert not texts.says_no_more(text, STUB)
    for broken in ("'", "'''", '"""\\', "\\", "f'", "(", ")" * 9, "'\\\n'", "rb'\\", "\0", "#"):
        assert texts.says_no_more(STUB + broken, STUB) == (broken != "\0")


def test_the_courses_own_stubs_and_solutions() -> None:
    """Each stub leaves something to be written, which its solution has written."""
    course = courses.load(ROOT)
    for module in course.modules():
        stub, solution = course.handed_out.stubs[module.step][module.file], course.solution(module).read_text("utf-8")
        assert texts.says_no_more(stub, stub)
        assert not texts.says_no_more(solution, stub)
        assert texts.to_write(stub, stub)
        assert not texts.to_write(solution, stub)


def test_a_notebook_that_is_not_ours(tmp_path: Path) -> None:
    """All its code cells but nbgrader's tests are the module, as a last resort, and this is said."""
    test = cell("assert double(1) == 2", "code", "t1", grade=True, solution=False)
    own = [
        cell("import math"),
        cell("TWO = 2"),
        cell("# Twice", "markdown"),
        cell("def double(x):\n    return TWO * x"),
    ]
    got = submission(tmp_path, {NOTEBOOK: [*own, test, cell("%time double(3)")]})
    assert taken(got) == "import math\n\nTWO = 2\n\ndef double(x):\n    return TWO * x\n\n# %time double(3)\n"
    assert got.notes == (f"{TOOK}: all its code cells together, since none says that it is the module",)


@pytest.mark.parametrize("content", [b"{", b"[" * 100_000, b'{"nbformat": 4, "cells": {"id": 1}}'], ids=range(3))
def test_an_unreadable_notebook(tmp_path: Path, content: bytes) -> None:
    """Beside work in the file it is a note; beside a file as it was handed out the work may be in it: an error."""
    got = submission(tmp_path / "answered", {NOTEBOOK: content, FILE: ANSWER})
    assert taken(got) == ANSWER
    assert [note.split(": ")[1] for note in got.notes] == [f"{FILE} is taken, and this one is unreadable"]
    with pytest.raises(UserError, match=r"double.ipynb cannot be read as a notebook: "):
        submission(tmp_path / "stub", {NOTEBOOK: content, FILE: STUB})


# The file and the notebook

DIFFER = f"left out {NOTEBOOK}: {FILE} is taken, and they differ: both are answered"
EARLIER = f"{TOOK}: double.py is what it wrote at an earlier time"
HANDED_OUT = f"{TOOK}: double.py is still as it was handed out"
SPACED = ANSWER.replace(":\n", ":  \n") + "\n\n"
MORE = "says no more than what was handed out"
TRIVIAL = {  # changes of the stub that are no work
    "a name above": f"# Ada, 12345\n\n{STUB}",
    "comments": STUB.replace("    raise", "    # how?\n    raise").replace("math\n", "math  # for later\n"),
    "formatted": STUB.replace('"', "'").replace("(x: float)", "(\n    x: float,\n)").replace("    raise", "\traise"),
    "pass": STUB.replace(LEFT[0], "    pass").replace(LEFT[1], "    ..."),
    "pass behind the colon": STUB[: STUB.index("def halve")] + "def halve(x: float) -> float: pass\n",
    "another text": STUB.replace("Twice a number", "2 x").replace(LEFT[0], "    raise NotImplementedError"),
    "an import": STUB.replace("import math", "import math\nimport numpy as np"),
    "half of it": STUB[: STUB.index("def halve")],
}  # fmt: skip
BESIDE: dict[str, tuple[str, str, str, list[str]]] = {  # file, cell, what is taken, notes
    "both untouched": (STUB, STUB, STUB, []),
    "the same": (ANSWER, ANSWER, ANSWER, []),
    "the same, from Windows": (ANSWER.replace("\n", "\r\n"), ANSWER, ANSWER.replace("\n", "\r\n"), []),
    "the same, with a byte order mark": (f"\ufeff{ANSWER}", ANSWER, f"\ufeff{ANSWER}", []),
    "the same but white space": (SPACED, ANSWER, SPACED, []),
    "written by the notebook": (written(ANSWER), ANSWER, written(ANSWER), []),
    "the stub written by the notebook": (written(STUB), STUB, written(STUB), []),
    "the file answered": (ANSWER, STUB, ANSWER, []),
    "the file answered and written": (written(ANSWER), STUB, written(ANSWER), []),
    "the notebook answered": (STUB, ANSWER, ANSWER, [HANDED_OUT]),
    "the notebook answered, the stub from Windows": (STUB.replace("\n", "\r\n"), ANSWER, ANSWER, [HANDED_OUT]),
    "the notebook answered, the stub written": (written(STUB), ANSWER, ANSWER, [HANDED_OUT]),
    "both answered": (OTHER, ANSWER, OTHER, [DIFFER]),
    "worked on in the notebook": (written(OTHER), ANSWER, ANSWER, [EARLIER]),
    "the same, on Windows": (written(OTHER).replace("\n", "\r\n"), ANSWER, ANSWER, [EARLIER]),
    "worked on in the file": (written(ANSWER).replace("2 * x", "x * 2"), ANSWER,
                              written(ANSWER).replace("2 * x", "x * 2"), [DIFFER]),
    "code below the mark": (f"{written(OTHER)}x = 1\n", ANSWER, f"{written(OTHER)}x = 1\n", [DIFFER]),
    "an empty file": ("", ANSWER, ANSWER, [f"{TOOK}: double.py holds no code"]),
    "an empty file and notebook": ("\n", "", "\n", [NOTHING]),
    "a file of comments": ("# double\n\n# halve", ANSWER, ANSWER, [f"{TOOK}: double.py holds no code"]),
    **{f"{way}, and the notebook answered": (text, ANSWER, ANSWER, [f"{TOOK}: double.py {MORE}"])
       for way, text in TRIVIAL.items()},
    **{f"{way}, and the notebook as well": (text, STUB, text, []) for way, text in TRIVIAL.items()},
    **{f"{way}, and the file answered": (ANSWER, text, ANSWER, []) for way, text in TRIVIAL.items()},
    "a mark that is made up": (f"{OTHER}# written by double.ipynb: {'0' * 16}\n", ANSWER,
                               f"{OTHER}# written by double.ipynb: {'0' * 16}\n", [DIFFER]),
    "written by another notebook": (written(OTHER, "mine.ipynb"), ANSWER, written(OTHER, "mine.ipynb"), [DIFFER]),
}  # fmt: skip


@pytest.mark.parametrize("case", BESIDE)
def test_the_file_and_the_notebook(tmp_path: Path, case: str) -> None:
    """Of file and notebook the one with work is taken, of two the newer one, and what is left out is said."""
    file, in_cell, want, notes = BESIDE[case]
    got = submission(tmp_path, {FILE: file, NOTEBOOK: ours(module_cell(in_cell))})
    assert (taken(got), list(got.notes)) == (want, notes)


def test_work_in_a_worse_place(tmp_path: Path) -> None:
    """What is as it was handed out gives way to work anywhere, and never makes a hand-in unclear."""
    got = submission(tmp_path / "flat", {FILE: STUB, "double.py": ANSWER})
    assert taken(got) == ANSWER
    assert got.notes == (f"took 01_double/double.py from double.py: {FILE} is still as it was handed out",)
    got = submission(tmp_path / "equal", {"a/double.py": STUB, "b/double.py": ANSWER, "c/double.ipynb": ours(WHOLE)})
    assert (taken(got), got.notes[-1].split(" from ")[1].split(":")[0]) == (ANSWER, "b/double.py")
    with pytest.raises(UserError, match=r"is there twice, and they differ: a/double.py, b/double.py"):
        submission(tmp_path / "two", {FILE: STUB, "a/double.py": ANSWER, "b/double.py": OTHER})


def test_an_old_notebook_elsewhere(tmp_path: Path) -> None:
    """A file gives way to the notebook beside it alone, not to a copy of that in another folder."""
    got = submission(tmp_path, {FILE: written(ANSWER), "old/double.ipynb": ours(module_cell(OTHER))})
    assert taken(got) == written(ANSWER)
    assert got.notes == (f"left out old/double.ipynb: {FILE} is taken, and they differ: both are answered",)


def test_as_nbgrader_collects(tmp_path: Path) -> None:
    """An assignment of both notebooks, both files and what they need is the two modules, each where its work is."""
    files: dict[str, Any] = {f"01_double/{name}": "" for name in SUPPORT}
    files["01_double/double.py"], files["01_double/double.ipynb"] = STUB, ours(WHOLE)
    torch = ANSWER.replace("double.py", "double_torch.py")
    files["01_double/double_torch.py"] = written(torch, "double_torch.ipynb")
    files["01_double/double_torch.ipynb"] = ours(module_cell(torch, "double_torch.py"))
    got = submission(tmp_path, files)
    assert got.files == {
        "01_double": {"double.py": ANSWER.encode(), "double_torch.py": files["01_double/double_torch.py"].encode()}
    }
    assert got.notes == (
        "took 01_double/double.py from 01_double/double.ipynb: double.py is still as it was handed out",
    )


# The notebook of all steps


def tutorial(**texts_of: str) -> list[Cell]:
    """With a cell for each module of these names."""
    steps = {name.removesuffix(".py"): step for step, names in FILES.items() for name in names}
    own = [module_cell(text, f"{name}.py", f"module-{steps[name]}") for name, text in texts_of.items()]
    return [cell for one in own for cell in ours(one)]


QUADRUPLED = QUAD.splitlines()[0] + "\n\n\ndef quad(x):\n    return double(double(x))\n"
BOTH = tutorial(double=ANSWER, quad=QUADRUPLED)


@pytest.mark.parametrize("lost", [list, stripped], ids=["marked", "by magic"])
def test_modules_of_the_tutorial(tmp_path: Path, lost: Callable[[list[Cell]], list[Cell]]) -> None:
    """Each module is taken from its own cell, wherever the notebook lies, and the record says so."""
    for place in (TUTORIAL, "tutorial.ipynb", "tutorial/Tutorial.ipynb", "hand-in/exercises/tutorial.ipynb"):
        got = submission(tmp_path / place.replace("/", "-"), {place: lost(BOTH)})
        assert got.files == {"01_double": {"double.py": ANSWER.encode()}, "02_quad": {"quad.py": QUADRUPLED.encode()}}
        assert got.notes == (f"took 01_double/double.py from {place}", f"took 02_quad/quad.py from {place}")


def test_two_tutorials(tmp_path: Path) -> None:
    """The name as the course writes it comes first; two as good that differ are not guessed at."""
    other = tutorial(double=OTHER, quad=QUADRUPLED)
    got = submission(tmp_path / "capitals", {TUTORIAL: BOTH, "exercises/Tutorial.ipynb": other})
    assert taken(got) == ANSWER
    with pytest.raises(UserError, match=r"double.py is there twice, and they differ: a/tutorial.ipynb, b/tutorial"):
        submission(tmp_path / "equal", {"a/tutorial.ipynb": BOTH, "b/tutorial.ipynb": other})


@pytest.mark.parametrize("name", ["homework.ipynb", "hw/double_ada.ipynb"])
def test_a_notebook_of_any_name(tmp_path: Path, name: str) -> None:
    """Its cells that say which module they are are taken, where nothing else is; without such cells it is left out."""
    got = submission(tmp_path / "says", {name: stripped(BOTH)})
    assert got.files == {"01_double": {"double.py": ANSWER.encode()}, "02_quad": {"quad.py": QUADRUPLED.encode()}}
    assert got.notes == (f"took 01_double/double.py from {name}", f"took 02_quad/quad.py from {name}")
    got = submission(tmp_path / "tutorial", {name: tutorial(double=OTHER), TUTORIAL: BOTH})
    assert taken(got) == ANSWER
    assert f"left out double.py in {name}: {TUTORIAL} is taken, and they differ: both are answered" in got.notes
    got = submission(tmp_path / "written", {name: tutorial(double=OTHER), FILE: written(ANSWER)})
    assert taken(got) == written(ANSWER)
    got = submission(
        tmp_path / "silent", {name: [cell(one["source"].partition("\n")[2]) for one in BOTH], FILE: ANSWER}
    )
    assert got.files == {"01_double": {"double.py": ANSWER.encode()}}
    assert [note.split(":")[0] for note in got.notes] == [f"left out {name}"]
    got = submission(tmp_path / "broken", {name: b"{", FILE: ANSWER})
    assert (len(got.files), [note.split(":")[0] for note in got.notes]) == (1, [f"left out {name}"])


@pytest.mark.parametrize("name", ["Untitled.ipynb", "tutorial (1).ipynb", "my double.ipynb"])
def test_notebooks_without_work(tmp_path: Path, name: str) -> None:
    """A notebook of any name that is as it was handed out, or empty, is not worth a word."""
    cells = [cell("# later"), cell("x", "markdown")] if name == "Untitled.ipynb" else tutorial(double=STUB, quad=QUAD)
    got = submission(tmp_path, {name: cells, FILE: ANSWER})
    assert (got.files, got.notes) == ({"01_double": {"double.py": ANSWER.encode()}}, ())


def test_a_copy_of_the_tutorial(tmp_path: Path) -> None:
    """It counts like the tutorial, after that."""
    got = submission(tmp_path, {"exercises/tutorial-Copy1.ipynb": BOTH, TUTORIAL: tutorial(double=OTHER, quad=QUAD)})
    assert (taken(got), taken(got, "02_quad/quad.py")) == (OTHER, QUADRUPLED)


def test_ids_alone_tell_the_modules_apart(tmp_path: Path) -> None:
    """Where the magics are deleted the ids name the steps, and the notebook's name the track."""

    def bare(cells: list[Cell]) -> list[Cell]:
        return [without_magic(one) if one["id"].startswith("module-") else one for one in cells]

    got = submission(tmp_path, {TUTORIAL: bare(BOTH), TORCH_TUTORIAL: bare(tutorial(double_torch=OTHER))})
    assert got.files == {
        "01_double": {"double.py": ANSWER.encode(), "double_torch.py": OTHER.encode()},
        "02_quad": {"quad.py": QUADRUPLED.encode()},
    }


def test_a_cut_module_of_the_tutorial(tmp_path: Path) -> None:
    """A module whose cell was cut and lost its marks is found there too, without another step's cells."""
    parts = stripped(cut(module_cell(ANSWER, "double.py", "module-01_double"), IN_HALVES))
    got = submission(tmp_path, {TUTORIAL: [*BOTH[:2], *parts, *BOTH[3:]]})
    assert texts.plain(taken(got)) == texts.plain(ANSWER)
    assert f"took 01_double/double.py from {TUTORIAL}: by what its cells define, 2 cells joined" in got.notes


def test_the_tutorial_is_the_worst_place(tmp_path: Path) -> None:
    """A step's own file or notebook anywhere comes before it; what is left out is named with its module."""
    for number, (name, own) in enumerate(
        ((FILE, OTHER), (NOTEBOOK, ours(module_cell(OTHER))), ("a/b/c/double.py", OTHER))
    ):
        got = submission(tmp_path / str(number), {name: own, TUTORIAL: BOTH})
        assert taken(got) == OTHER
        assert f"left out double.py in {TUTORIAL}: {name} is taken, and they differ: both are answered" in got.notes


@pytest.mark.parametrize("own", [[], [FILE], [NOTEBOOK], [FILE, NOTEBOOK]], ids=["none", "file", "notebook", "both"])
def test_work_in_the_tutorial_alone(tmp_path: Path, own: list[str]) -> None:
    """It is taken where the step's own file and notebook are still as they were handed out."""
    stubs = {FILE: STUB, NOTEBOOK: ours(module_cell(STUB))}
    got = submission(tmp_path, {TUTORIAL: BOTH, **{name: stubs[name] for name in own}})
    assert taken(got) == ANSWER
    why = f": {own[0]} is still as it was handed out" if own else ""
    assert got.notes[0] == f"took 01_double/double.py from {TUTORIAL}{why}"


def test_work_beside_an_untouched_tutorial(tmp_path: Path) -> None:
    """A tutorial as it was handed out says nothing, and is no hand-in of every step."""
    untouched = tutorial(double=STUB, quad=QUAD)
    got = submission(tmp_path, {TUTORIAL: untouched, FILE: ANSWER})
    assert (got.files, got.notes) == ({"01_double": {"double.py": ANSWER.encode()}}, ())


def test_a_file_that_the_tutorial_wrote(tmp_path: Path) -> None:
    """It gives way to the tutorial where the step's own notebook cannot have written it, and else it does not."""
    for name in ("double.ipynb", "tutorial.ipynb"):
        files = {FILE: written(OTHER, name), NOTEBOOK: ours(module_cell(STUB)), TUTORIAL: BOTH}
        got = submission(tmp_path / name, files)
        assert taken(got) == ANSWER
        assert got.notes[0] == f"took 01_double/double.py from {TUTORIAL}: {FILE} is what it wrote at an earlier time"
    files = {FILE: written(OTHER), NOTEBOOK: ours(module_cell(OTHER)), TUTORIAL: BOTH}
    got = submission(tmp_path / "own", files)
    assert taken(got) == written(OTHER)
    assert f"left out double.py in {TUTORIAL}: {FILE} is taken, and they differ: both are answered" in got.notes


def test_a_tutorial_without_the_module(tmp_path: Path) -> None:
    """What is in no file and no longer in the tutorial is not handed in, and that is said; it is never joined."""
    got = submission(tmp_path / "gone", {TUTORIAL: tutorial(double=ANSWER)})
    assert list(got.files) == ["01_double"]
    assert got.notes[1:] == (f"left out {TUTORIAL}: nothing of 02_quad/quad.py is in it",)
    got = submission(tmp_path / "foreign", {TUTORIAL: [cell("def double(x):\n    return 2 * x")]})
    assert (got.files, got.notes[0]) == ({}, f"left out {TUTORIAL}: nothing of 01_double/double.py is in it")


def test_an_unreadable_tutorial(tmp_path: Path) -> None:
    """Beside work in every step it is one note; where a step has none it may hold it: an error."""
    done = {FILE: ANSWER, "exercises/01_double/double_torch.py": OTHER, "exercises/02_quad/quad.py": QUADRUPLED}
    got = submission(tmp_path / "done", {**done, TUTORIAL: b"{"})
    assert (len(got.files), len(got.notes)) == (2, 1)
    assert got.notes[0].startswith(f"left out {TUTORIAL}: what it is of is taken, and this one is unreadable")
    with pytest.raises(UserError, match=r"exercises/tutorial.ipynb cannot be read as a notebook"):
        submission(tmp_path / "stub", {**done, FILE: STUB, TUTORIAL: b"{"})


# What lies around a module


@pytest.mark.parametrize("place", ["exercises/01_double", "01_double", "work"])
def test_the_courses_own_files_do_not_travel(tmp_path: Path, place: str) -> None:
    """Tests and support files beside a module are not the learner's, whatever is in them; a helper is."""
    own = {f"{place}/double.py": ANSWER, f"{place}/helper.py": "x = 1"}
    bare = submission(tmp_path / "bare", own)
    assert set(bare.files["01_double"]) == {"double.py", "helper.py"}
    around = {f"{place}/{name}": f"y = {number}" for number, name in enumerate([*SUPPORT, "Conftest.PY"])}
    full = submission(tmp_path / "full", {**own, **around})
    assert (full.files, full.notes, full.digest()) == (bare.files, bare.notes, bare.digest())
    assert set(submission(tmp_path / "full", {}, HandedOut()).files["01_double"]) > set(SUPPORT)


def test_a_folder_of_the_courses_own_files(tmp_path: Path) -> None:
    """A step's folder with nothing else in it is not handed in."""
    assert submission(tmp_path, {f"01_double/{name}": "x = 1" for name in SUPPORT}).files == {}


@pytest.mark.parametrize("nested", ["", "hw/spring"])
def test_all_that_was_handed_out_is_not_worth_a_word(tmp_path: Path, nested: str) -> None:
    """Who hands in the whole of exercises/ with one module filled in has no note on anything else in it."""
    course = courses.load(ROOT)
    step, file = next((module.step, module.file) for module in course.modules())
    place = tmp_path / "ada" / nested / "exercises"
    shutil.copytree(ROOT / "exercises", place)
    (place / step / file).write_bytes(course.solution(course.modules()[0]).read_bytes())
    (place / "__pycache__").mkdir(exist_ok=True)
    (place / "__pycache__" / "conftest.py").write_text("")
    got = intake.read(intake.single(tmp_path / "ada"), course.files(), course.handed_out)
    assert [note for note in got.notes if not note.startswith("took ")] == []
    assert len(got.notes) == (len(course.modules()) if nested else 0)


# What the course knows


def test_what_was_handed_out(mini: Path) -> None:
    """Stubs are made from the solutions, whatever was tried out in exercises/, and what else is there is not work."""
    folder = mini / "exercises" / "01_double"
    folder.mkdir(parents=True)
    (folder / "double.py").write_text("def double(x):\n    return 2 * x\n")
    (folder / "test_double.py").touch()
    (folder / "Explore.py").touch()
    (folder / "notes.md").touch()
    (mini / "exercises" / "conftest.py").touch()
    course = courses.load(mini)
    given = course.handed_out
    assert given is course.handed_out
    assert given.around == {"test_double.py", "explore.py", "conftest.py"}
    assert list(given.stubs) == ["01_double", "02_quad"]
    assert (
        'raise NotImplementedError("01_double: write double() in double.py")' in given.stubs["01_double"]["double.py"]
    )
    assert "2 * x" not in given.stubs["01_double"]["double.py"]


@pytest.mark.parametrize(
    ("text", "what"),
    [(None, "No such file"), ("def double(:\n", "invalid syntax"), ("\xff", "utf-8"), ("### END SOLUTION\n", "pair")],
)
def test_a_solution_that_makes_no_stub(mini: Path, text: str | None, what: str) -> None:
    """The error names the solution, since without its stub hand-ins cannot be told from what was handed out."""
    file = mini / "solutions" / "01_double" / "double.py"
    file.unlink()
    if text is not None:
        file.write_text(text, "latin-1")
    with pytest.raises(UserError, match=what) as error:
        _ = courses.load(mini).handed_out
    assert error.value.where.startswith(str(file))


def test_a_course_of_other_notebooks_knows_nothing(mini: Path) -> None:
    """A course without exercises/ has nothing around its modules."""
    assert courses.load(mini).handed_out.around == frozenset()


# Where hand-ins are read


@pytest.fixture
def stub_and_notebook(mini: Path, hand_in: Callable[..., Path], right: dict[str, str]) -> Path:
    """A class of one learner, whose work is in a notebook beside the untouched file."""
    course = courses.load(mini)
    stub = course.handed_out.stubs["01_double"]["double.py"]
    made = notebook(ours(module_cell(right["01_double/double.py"]))).decode()
    return hand_in("ada", {"01_double/double.py": stub, "01_double/double.ipynb": made})


def test_the_engine_knows_the_stubs(mini: Path, stub_and_notebook: Path) -> None:
    """Grading processes tell a stub from work, and the record says what was taken."""
    plan = engine.Plan(mini, ("01_double",), (), 1, "none")
    hand_ins = list(intake.collect(stub_and_notebook).hand_ins)
    (record,) = engine.run(plan, hand_ins, 1, lambda: False)
    assert isinstance(record, Record)
    assert [outcome.status for outcome in record.modules[0].outcomes] == [PASSED, PASSED]
    note = "took 01_double/double.py from exercises/01_double/double.ipynb: double.py is still as it was handed out"
    assert record.notes == (note,)


def grader(course: Path, *arguments: object) -> Any:
    return CliRunner().invoke(main, ["--course", str(course), *map(str, arguments)])


def test_nobody_is_graded_again_for_it(mini: Path, stub_and_notebook: Path, tmp_path: Path) -> None:
    """A second run reads the hand-in as the first did; a course that cannot be used costs no record."""
    run = ("run", stub_and_notebook, "--out", tmp_path / "out", "--sandbox", "none", "--jobs", 1)
    assert grader(mini, *run).exit_code == 0
    assert "1 of 1 are graded already and unchanged" in grader(mini, *run).output
    solution = mini / "solutions" / "01_double" / "double.py"
    solution.write_text(solution.read_text().replace("### END SOLUTION", ""))
    broken = grader(mini, *run)
    assert (broken.exit_code, "does not pair" in broken.output) == (2, True)
    assert (tmp_path / "out" / "records" / "ada.json").is_file()


def test_gradescope_does_not_blame_the_learner(mini: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A solution of which no stub can be made is the autograder's fault."""
    home = tmp_path / "autograder"
    (home / "submission").mkdir(parents=True)
    (home / "submission" / "double.py").write_text("x = 1\n")
    mini.rename(home / "source")
    settings = {"steps": ["01_double"], "tracks": ["pure"], "seed": 1, "sandbox": "none"}
    (home / "source" / "autograder.json").write_text(json.dumps(settings))
    (home / "source" / "solutions" / "01_double" / "double.py").write_text("### END SOLUTION\n")
    with pytest.raises(UserError, match="does not pair"):
        autograde.graded(home)


def test_the_notebooks_that_learners_get(tmp_path: Path) -> None:
    """From each notebook of the release its module is taken, by its cell's marks, as it was handed out."""
    course = courses.load(ROOT)
    for place, text in released.notebooks(course).items():
        file = tmp_path / "ada" / "exercises" / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    got = intake.read(intake.single(tmp_path / "ada"), course.files(), course.handed_out)
    stubs = course.handed_out.stubs
    assert {
        step: {name: source.decode() for name, source in files.items()} for step, files in got.files.items()
    } == stubs
    assert sorted(got.notes) == sorted(
        f"took {m.step}/{m.file} from exercises/{m.step}/{m.name}.ipynb" for m in course.modules()
    )


def test_a_mark_is_what_the_course_writes() -> None:
    """The name and the digest of a file as it was written are read; any change to its text makes them nobody's."""
    file = written(ANSWER).encode()
    assert texts.written_by(file) == "double.ipynb"
    assert texts.written_by(b"\xef\xbb\xbf" + file.replace(b"\n", b"\r\n")) == "double.ipynb"
    assert texts.written_by(file.rstrip(b"\n")) == "double.ipynb"
    assert texts.written_by(file.replace(b"2 * x", b"3 * x")) == ""
    assert texts.written_by(file + b"x = 1\n") == ""
    assert texts.written_by(b"") == ""


def test_a_cell_too_long(tmp_path: Path) -> None:
    """A module of more than a file may have is left out, and the file beside it taken."""
    long = module_cell(ANSWER + "#" * intake.tree.MAX_SOURCE)
    got = submission(tmp_path, {NOTEBOOK: ours(long), FILE: ANSWER})
    assert (taken(got), got.notes) == (ANSWER, (f"left out {NOTEBOOK}: its code is larger than 512 KiB",))


def test_it_is_read_as_a_text(tmp_path: Path) -> None:
    """Nothing in a notebook is executed, or parsed by Python: what Python cannot read is taken as it is."""
    broken = ANSWER.replace("return 2 * x", "return 2 *") + "(" * 5000 + "\n"
    assert taken(submission(tmp_path, {NOTEBOOK: ours(module_cell(broken))})) == broken
    assert notebooks.read(notebook(ours(module_cell("exit()"))), notebooks.Wanted()).source == b"exit()\n"
