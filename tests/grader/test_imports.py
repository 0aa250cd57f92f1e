"""Dependencies run one way: the table of the design, held against the imports of every module."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

GRADER = Path(__file__).resolve().parents[2] / "grader"

# unit -> the units of ours it may import. A unit is a module of grader/ or a package in it.
MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "model": set(),
    "wire": set(),
    "tables": {"errors"},
    "course": {"errors", "model"},
    "intake": {"errors", "model", "tables"},
    "jail": {"wire"},
    "marking": {"course", "errors", "jail", "model", "wire"},
    "engine": {"course", "errors", "intake", "jail", "marking", "model"},
    "scoring": {"course", "model"},
    "store": {"errors", "model"},
    "overrides": {"course", "errors", "model", "scoring", "tables"},
    "report": {"course", "model", "scoring"},
    "results": {"course", "model", "report", "scoring", "store"},
    "release": {"course", "errors"},
    "lint": {"course", "engine", "errors", "model", "release"},
    "audit": {"course", "errors", "jail", "marking", "model", "release"},
    "similar": {"course", "model"},
    "explain": {"course", "marking", "model", "scoring", "wire"},
    "nbgrader_bridge": {"course", "errors", "marking", "model", "release", "report", "scoring", "store", "wire"},
    "package": {"course", "doctor", "errors", "intake", "marking", "model", "report", "scoring"},
    "doctor": {"course", "errors", "jail", "marking"},
}
EVERYTHING = {"cli", "__main__"}
# unit -> packages of others it may import
OTHERS: dict[str, set[str]] = {
    "wire": {"msgpack"},
    "audit": {"pytest"},
    "engine": {"dask", "distributed"},
    "intake": {"yaml"},
    "marking": {"pytest", "_pytest"},
    "nbgrader_bridge": {"nbgrader", "sqlalchemy", "tornado", "traitlets"},
    "release": {"jupytext", "nbformat"},
    "similar": {"jinja2"},
    "report": {"rich", "jinja2", "markupsafe"},
    "cli": {"click", "rich"},
}
TORCH_ONLY = {"jail/torch_guard.py", "jail/zygote.py"}  # where the zygote of the torch track imports torch

FILES = sorted(path.relative_to(GRADER).as_posix() for path in GRADER.rglob("*.py"))


def imported(file: str) -> set[str]:
    """Every module that the file imports, also inside functions, by its full name."""
    names: set[str] = set()
    for node in ast.walk(ast.parse((GRADER / file).read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: a relative import"
            names |= {node.module} if node.module != "grader" else {f"grader.{alias.name}" for alias in node.names}
    return names - {"__future__"}


def unit_of(file: str) -> str:
    return file.split("/")[0].removesuffix(".py")


@pytest.mark.parametrize("file", FILES)
def test_imports_obey_the_table(file: str) -> None:
    """A module imports its own unit, the units that the table allows, the standard library, and its own libraries."""
    unit = unit_of(file)
    ours = {
        name.split(".")[1] for name in imported(file) if name.startswith("grader.") and name != "grader.__version__"
    }
    if unit not in EVERYTHING | {"__init__"}:
        assert ours - {unit} <= MAY_IMPORT[unit]
    others = {name.split(".")[0] for name in imported(file)} - {"grader"} - sys.stdlib_module_names
    allowed = OTHERS.get(unit, set()) | ({"torch"} if file in TORCH_ONLY else set())
    assert others <= allowed


def test_the_table_names_what_is_there() -> None:
    """No unit is missing from the table, and the table has none that is gone."""
    assert {unit_of(file) for file in FILES} - EVERYTHING - {"__init__"} == set(MAY_IMPORT)


def test_exercises_do_not_import_the_grader() -> None:
    """Nothing that learners get imports the grader."""
    for file in (GRADER.parent / "exercises").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not [name for name in names if name.split(".")[0] == "grader"], file
