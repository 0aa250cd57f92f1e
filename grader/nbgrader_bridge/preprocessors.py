"""How nbgrader makes the release of our assignments. Runs in nbgrader's own process; imports nbgrader and the release.

Named in the course's nbgrader_config.py in the place of nbgrader's own ClearSolutions, which puts the same line in the
place of every answer. Ours are the stubs that learners have as files: each says which function is to be written.
"""

from __future__ import annotations

from typing import Any

from nbgrader.preprocessors import ClearSolutions

from grader.course import Module
from grader.release.stubs import BEGIN, stub

MAGIC = "%%module "


class Stubs(ClearSolutions):  # type: ignore[misc]  # nbgrader has no types
    """Takes the answers out of module cells, and leaves all other cells to nbgrader."""

    def preprocess_cell(self, cell: Any, resources: Any, index: int) -> tuple[Any, Any]:
        first, _, rest = cell.source.partition("\n")
        if not first.startswith(MAGIC) or BEGIN not in rest:
            cell, resources = super().preprocess_cell(cell, resources, index)
            return cell, resources
        file = first.removeprefix(MAGIC).strip()
        module = Module(resources["nbgrader"]["assignment"], "", file.removesuffix(".py"), {})
        cell.source = f"{first}\n{stub(module, rest, file)}".rstrip("\n")
        return cell, resources
