"""The notebooks beneath `autograded/`, from which formgrader makes its pages and nbgrader its feedback.

Made from what was released, so that every cell is there once and has nbgrader's marks as they were given out, with the
module that was graded in its cell and each verdict below its check's. Nothing else of a learner's own notebook is taken
over: no output, no Markdown, no metadata, of which formgrader would make HTML. Nothing is executed.
"""

from __future__ import annotations

import copy
import filecmp
import hashlib
import json
import shutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from grader.course import Module
from grader.model import PASSED, Mark, Outcome
from grader.nbgrader_bridge.books import CourseFolder
from grader.nbgrader_bridge.cells import MODULE, Notebook, grade_id
from grader.nbgrader_bridge.words import UNKNOWN, code, verdict
from grader.report.sentences import absent
from grader.store import make_folder, write_atomically

TIMESTAMP = "timestamp.txt"
PICTURES = {".svg", ".png", ".jpg", ".gif"}
NOT_HANDED_IN = "# Not handed in."
PUSHED = ".pushed"  # a folder of the course: the hashes of what pushes wrote to submitted/


def page(
    released: Notebook,
    module: Module,
    mark: Mark,
    source: bytes | None,
    earned: Mapping[str, float],
    before: str | None = None,
) -> str:
    """One notebook. `earned`: what each check's cell counts by itself; `before`: the notebook of an earlier push."""
    outcomes = {one.check: one for one in mark.result.outcomes} if mark.result is not None else {}
    notebook = copy.deepcopy(released)
    for cell in notebook["cells"]:
        name = grade_id(cell)
        if name == MODULE:
            cell["source"] = _source(cell, mark, source, before)
        if cell["cell_type"] == "code":
            cell["execution_count"] = None
            cell["outputs"] = _outputs(module, mark, outcomes.get(name), earned)
    return json.dumps(notebook, indent=1) + "\n"


def _source(cell: Mapping[str, Any], mark: Mark, source: bytes | None, before: str | None) -> str:
    """The module below the line that makes a file of the cell, where the cell has one."""
    first = "".join(cell["source"]).split("\n")[0]  # a text, or a list of lines
    magic = f"{first}\n" if first.startswith("%%") else ""
    if absent(mark):
        return f"{magic}{NOT_HANDED_IN}"
    if source is None and before is not None:
        return _module(before) or code(None, magic)
    return code(source, magic)


def _module(page: str) -> str:
    """The source of the module's cell of a notebook that a push has written."""
    try:
        return next(("".join(cell["source"]) for cell in json.loads(page)["cells"] if grade_id(cell) == MODULE), "")
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""


def _outputs(
    module: Module, mark: Mark, outcome: Outcome | None, earned: Mapping[str, float]
) -> list[dict[str, object]]:
    """A check's verdict as what a program prints: plain text, which nbconvert escapes."""
    if outcome is None or outcome.check not in module.checks or mark.result is None or absent(mark):
        return []
    text = verdict(outcome, mark.result, earned[outcome.check], module.checks[outcome.check].points)
    stream = "stdout" if outcome.status == PASSED else "stderr"  # as nbgrader knows a failed test
    return [{"output_type": "stream", "name": stream, "text": text}]


def write(folder: CourseFolder, learner: str, step: str, pages: Mapping[str, str], handed_in: datetime | None) -> int:
    """Write a step's notebooks and when they were handed in (naive UTC). Returns how many files have changed."""
    stamp = {} if handed_in is None else {TIMESTAMP: f"{handed_in.isoformat(' ', 'microseconds')} UTC\n"}
    files = {f"{name}.ipynb": text for name, text in pages.items()}
    place = folder.place("autograded", learner, step)
    changed = _write(place, files | stamp) + _illustrate(folder.place("release", ".", step), place)
    bare = {name: _bare(text) for name, text in files.items() if not _module(text).endswith((NOT_HANDED_IN, UNKNOWN))}
    return changed + (_collect(folder, learner, step, bare | stamp) if bare else 0)


def _write(place: Path, files: Mapping[str, str]) -> int:
    make_folder(place)
    changed = {name: text for name, text in files.items() if read(place / name) != text}
    for name, text in changed.items():
        write_atomically(place / name, text, durable=False)
    return len(changed)


def _illustrate(release: Path, place: Path) -> int:
    """Copy the lesson's pictures, which the notebooks refer to by their names. Returns how many have changed."""
    changed = 0
    for picture in sorted(file for file in release.iterdir() if file.suffix in PICTURES):
        target = place / picture.name
        if not target.is_file() or not filecmp.cmp(picture, target, shallow=False):
            shutil.copyfile(picture, target)
            changed += 1
    return changed


def read(file: Path) -> str | None:
    """None: there is no such text."""
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def _collect(folder: CourseFolder, learner: str, step: str, files: Mapping[str, str]) -> int:
    """Do what `nbgrader collect` would have done, where nobody has collected anything of this learner and step.

    formgrader takes a submission with a time for graded only if `submitted/` has the same time (nbgrader/apps/api.py,
    get_autograded_students); else its page of the student shows 0 points. Which files a push has written there is
    noted before it writes them: a folder with any other file in it is somebody else's, and is not touched.
    """
    place = folder.place("submitted", learner, step)
    note = folder.root / PUSHED / learner / f"{step}.txt"
    ours = set((read(note) or "").split())
    there = [file for file in place.rglob("*") if not file.is_dir()]
    if any(file.name not in {*files, TIMESTAMP} or _digest(read(file)) not in ours for file in there):
        return 0
    wanted = {_digest(text) for text in files.values()}
    if not wanted <= ours:
        make_folder(note.parent)
        write_atomically(note, "\n".join(sorted(ours | wanted)) + "\n", durable=False)
    return _write(place, files)


def _digest(text: str | None) -> str:
    return "" if text is None else hashlib.sha256(text.encode()).hexdigest()


def _bare(page: str) -> str:
    """A notebook without its outputs."""
    notebook = json.loads(page)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = []
    return json.dumps(notebook, indent=1) + "\n"
