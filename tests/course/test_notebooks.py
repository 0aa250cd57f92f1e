"""The notebooks are made from what the files are made from, and hold nothing that the learner should not have."""

from __future__ import annotations

import re

import nbformat
import pytest
from notebooks import COURSE, MODULES, ROOT

from grader.release import notebooks as unit

EXERCISES = ROOT / "exercises"
MADE = unit.notebooks(COURSE)
LINK = re.compile(r"\]\((?![a-z]+:)([^)#\s]+)")


def cells_of(place):
    return nbformat.reads(MADE[place], as_version=4).cells


def key(module):
    return module.key


@pytest.mark.parametrize("place", MADE, ids=str)
def test_the_notebook_is_that_of_its_sources(place):
    """Each committed notebook is what `make notebooks` makes of lesson, stub, public tests and explore script."""
    assert (EXERCISES / place).read_text("utf-8") == MADE[place], "run: make notebooks"


def test_there_is_one_for_each_step_and_track_and_two_tutorials():
    """Twenty-two notebooks, and no other lies in exercises/."""
    assert len(MADE) == 22
    found = {
        file.relative_to(EXERCISES) for file in EXERCISES.rglob("*.ipynb") if ".ipynb_checkpoints" not in str(file)
    }
    assert found == set(MADE)


@pytest.mark.parametrize("module", MODULES, ids=key)
def test_the_cell_of_the_module_is_the_stub(module):
    """Below its first line, the module's cell is the file that learners get."""
    (cell,) = [c for c in cells_of(unit.Path(module.step, f"{module.name}.ipynb")) if c.id == "module"]
    first, _, text = cell.source.partition("\n")
    assert first == f"%%module {module.file}"
    assert f"{text}\n" == (EXERCISES / module.step / module.file).read_text("utf-8")


@pytest.mark.parametrize("module", MODULES, ids=key)
def test_metadata_are_those_of_nbgrader(module):
    """The module's cell is a solution, each hidden check a locked cell with its points, public tests are worth none."""
    cells = cells_of(unit.Path(module.step, f"{module.name}.ipynb"))
    marks = {c.metadata.nbgrader.grade_id: c.metadata.nbgrader for c in cells if "nbgrader" in c.metadata}
    assert all(mark.schema_version == 3 for mark in marks.values())
    assert [name for name, mark in marks.items() if mark.solution] == ["module"]
    graded = {name: mark.points for name, mark in marks.items() if mark.grade}
    assert {name: graded[name] for name in module.checks} == {n: check.points for n, check in module.checks.items()}
    assert sum(graded.values()) == module.points == 10
    assert all(mark.locked for name, mark in marks.items() if name != "module")
    test = (EXERCISES / module.step / f"test_{module.file}").read_text("utf-8")
    public = {f"public_{name}" for name in re.findall(r"^def (test_\w+)", test, re.MULTILINE)}
    assert {name for name, points in graded.items() if points == 0} == public | {"checks"}


@pytest.mark.parametrize("module", MODULES, ids=key)
def test_every_line_of_the_public_tests_is_there(module):
    """Put together again, the cells of the tests are the test file."""
    cells = cells_of(unit.Path(module.step, f"{module.name}.ipynb"))
    shown = [c.source.split("\n", 1)[1] for c in cells if c.source.startswith(f"%%test {module.name}\n")]
    shown += [c.source.replace("### ", "# ") for c in cells if c.id.startswith("text-tests-")]
    lines = (EXERCISES / module.step / f"test_{module.file}").read_text("utf-8").split('"""', 2)[2].splitlines()
    assert sorted(filter(None, "\n".join(shown).splitlines())) == sorted(filter(None, lines))


def test_links_and_pictures_lead_somewhere():
    """Relative links of a notebook's texts are files, as seen from where the notebook lies."""
    texts = [(place, cell.source) for place in MADE for cell in cells_of(place) if cell.cell_type == "markdown"]
    targets = [(place, target) for place, text in texts for target in LINK.findall(text)]
    assert {target.rpartition(".")[2] for _, target in targets} >= {"svg", "ipynb"}
    assert [(place, t) for place, t in targets if not (EXERCISES / place.parent / t).exists()] == []


@pytest.mark.parametrize("track", COURSE.tracks)
def test_the_tutorial_is_the_same_material(track):
    """A tutorial's ten parts hold the code cells of the ten notebooks, but for those that only grading needs."""
    together = [
        cell.source for cell in cells_of(unit.Path(unit.tutorial_name(COURSE, track))) if cell.cell_type == "code"
    ]
    apart = []
    for module in COURSE.modules(tracks=[track]):
        for cell in cells_of(unit.Path(module.step, f"{module.name}.ipynb")):
            if cell.cell_type == "code" and cell.id not in ("set-up", "checks", *module.checks):
                apart.append(cell.source)
    assert [source for source in together if "%load_ext workbook" not in source] == apart


def test_ids_stay_when_something_is_added():
    """A test more leaves the ids of all other cells as they are."""
    parts = [
        "import math",
        "def test_a(x):\n    pass",
        "# Part two",
        "def helper():\n    pass",
        "def test_b(x):\n    pass",
    ]
    before = "\n\n\n".join(parts)
    after = before.replace("# Part two", "def test_new(x):\n    pass\n\n\n# Part two")
    names = [[(kind, name) for kind, name, _ in unit.passages(text)] for text in (before, after)]
    assert names[0] == [
        ("shared", ""),
        ("test", "test_a"),
        ("heading", "Part two"),
        ("shared", "helper"),
        ("test", "test_b"),
    ]
    assert names[1] == [*names[0][:2], ("test", "test_new"), *names[0][2:]]


def test_the_torch_notebook_has_the_torch_part_of_the_lesson():
    """Lessons are shared out: what changed in PyTorch is told in the torch notebook, all else in the pure one."""
    for step in COURSE.steps.values():
        texts = {}
        for track, module in step.modules.items():
            cells = cells_of(unit.Path(module.step, f"{module.name}.ipynb"))
            texts[track] = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
        assert "## The same in PyTorch" in texts["torch"]
        assert "## The same in PyTorch" not in texts["pure"]
        assert "## Common mistakes" in texts["pure"]
        assert "## Common mistakes" not in texts["torch"]
