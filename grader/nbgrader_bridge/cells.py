"""What a course's gradebook must hold so that scores can be written to it, and what `release/` must. Reads only.

Imports course and errors; the gradebook comes in as nbgrader's object.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from grader.course import Module
from grader.errors import UserError
from grader.nbgrader_bridge.books import CourseFolder, named

MODULE = "module"  # the grade_id of the cell that holds what learners write
MOST_NAMED = 3
Notebook = dict[str, Any]  # a notebook file, as JSON


def require(book: Any, folder: CourseFolder, modules: Iterable[Module]) -> None:
    """UserError: an assignment has not been generated, or its cells are not the checks that the course has now."""
    from nbgrader.api import MissingEntry

    for module in modules:
        try:
            notebooks = {one.name: one for one in book.find_assignment(module.step).notebooks}
        except MissingEntry:
            notebooks = {}
        if module.name not in notebooks:
            raise UserError(
                f"has no {module.step} with a notebook {module.name}",
                where=named(folder.url),
                next_step=f"cd {folder.root} && nbgrader generate_assignment {module.step}",
            )
        _require_cells(module, notebooks[module.name], f"{named(folder.url)}, {module.step}, {module.name}")


def _require_cells(module: Module, notebook: Any, where: str) -> None:
    """UserError: other checks, other points, or no cell for comments.

    Cells that are worth nothing (public tests, what hidden ones need) may be there beside the checks.
    """
    worth = {cell.name: cell.max_score for cell in notebook.grade_cells}
    wanted = {check.name: float(check.points) for check in module.checks.values()}
    odd = [f"no cell {name}" for name in wanted if name not in worth]
    odd += [f"a cell {name} that is no check" for name in worth if name not in wanted and worth[name]]
    odd += [
        f"{name} with {worth[name]:g} points in place of {wanted[name]:g}"
        for name in wanted
        if name in worth and worth[name] != wanted[name]
    ]
    odd += [] if any(cell.name == MODULE for cell in notebook.solution_cells) else [f"no solution cell {MODULE}"]
    if odd:
        more = f" and {len(odd) - MOST_NAMED} more" if len(odd) > MOST_NAMED else ""
        raise UserError(
            f"is not what course.toml says now: {', '.join(odd[:MOST_NAMED])}{more}",
            where=where,
            next_step=f"make the notebooks again: `grader nbgrader init NEW`, copy NEW/source/{module.step} here, and "
            f"`nbgrader generate_assignment {module.step} --force`; where checks came or went and scores are in the "
            "gradebook already, nbgrader refuses that: go on in NEW",
        )


def released(folder: CourseFolder, modules: Iterable[Module]) -> Mapping[str, Notebook]:
    """The notebooks as learners got them, by the module's key. UserError: one is not there, or lacks a cell."""
    return {module.key: _released(folder, module) for module in modules}


def _released(folder: CourseFolder, module: Module) -> Notebook:
    file = folder.place("release", ".", module.step) / f"{module.name}.ipynb"
    try:
        notebook: Notebook = json.loads(file.read_text("utf-8"))
        names = {grade_id(cell) for cell in notebook["cells"]}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        names = set()
    absent = {MODULE, *module.checks} - names
    if absent:
        raise UserError(
            f"is not there, or has no cell {sorted(absent)[0]}: the pages of formgrader are made from it",
            where=str(file),
            next_step=f"cd {folder.root} && nbgrader generate_assignment {module.step} --force",
        )
    return notebook


def grade_id(cell: Mapping[str, Any]) -> str:
    return str(cell["metadata"].get("nbgrader", {}).get("grade_id", ""))
