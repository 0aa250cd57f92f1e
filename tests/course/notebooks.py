"""What the tests of notebooks share: an exercises/ folder to run them in, a real kernel, and what came out."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from unittest import mock

import nbformat
import warm
from nbclient import NotebookClient

from grader import course

ROOT = Path(__file__).resolve().parents[2]
COURSE = course.load(ROOT)
MODULES = COURSE.modules()
CELL_SECONDS = 300  # for one cell on a busy machine; the slowest takes some ten
IMAGE = re.compile(r'<img src="data:image/png;base64,[\w+/=]+" alt="(?P<alt>[^"]*)"')


def solved(folder):
    """exercises/ with the solutions in the place of the stubs."""
    lab = folder / "exercises"
    shutil.copytree(ROOT / "exercises", lab, ignore=shutil.ignore_patterns("__pycache__", ".*", "my_gpt"))
    for module in MODULES:
        shutil.copyfile(COURSE.solution(module), lab / module.step / module.file)
    return lab


def run(file, edit=lambda cells: None, allow_errors=False, cold=False):
    """The notebook after all its cells have run in a kernel of its own, in its own folder. `edit` changes it first.

    `cold`: Python starts for it, and imports torch and matplotlib only where the notebook does.
    """
    notebook = nbformat.read(file, as_version=4)
    edit(notebook.cells)
    resources = {"metadata": {"path": str(file.parent)}}
    client = NotebookClient(notebook, timeout=CELL_SECONDS, resources=resources, allow_errors=allow_errors)
    with mock.patch.dict(os.environ, {} if cold else {"JUPYTER_PATH": warm.kernels()}):
        client.execute()
    return notebook


def fill_in(cells):
    """Puts the solutions into the module cells."""
    for cell in cells:
        first = cell.source.split("\n", 1)[0]
        if first.startswith("%%module "):
            module = next(m for m in MODULES if m.file == first.removeprefix("%%module "))
            cell.source = f"{first}\n{COURSE.solution(module).read_text('utf-8')}"


def outputs(notebook, kind):
    """(cell id, output) for every output of a kind."""
    return [
        (cell.id, output)
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type == kind
    ]


def complaints(notebook):
    """What went wrong, and what was said on stderr, where warnings go."""
    errors = [(cell, output.evalue) for cell, output in outputs(notebook, "error")]
    return errors + [(cell, o.text) for cell, o in outputs(notebook, "stream") if o.name == "stderr"]


def alts(notebook):
    """The texts of the pictures."""
    shown = [output.data.get("text/html", "") for _, output in outputs(notebook, "display_data")]
    return [found["alt"] for html in shown for found in IMAGE.finditer(html)]
