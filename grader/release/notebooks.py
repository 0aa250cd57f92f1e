"""The notebooks: one for each step and track, and a tutorial of all steps for each track. Trusted side.

Made from what the files are made from: the lesson, the stub, the public tests, the hidden checks' sentences, the
explore script. May import course and stubs; nbformat, which writes the format, and jupytext, which reads the scripts'.
Metadata are nbgrader's (its schema version 3); a cell's id is made from what it holds, so that it stays when a notebook
is made again.
"""

from __future__ import annotations

import ast
import hashlib
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.course import Course, Module
from grader.release.stubs import stub

LINK = re.compile(r"(\]\()(?![a-z]+:|#|/)([^)\s]+)(\))")  # to a file, in Markdown
HEADING = re.compile(r"^## ", re.MULTILINE)
CELL = re.compile(r"^# %%", re.MULTILINE)  # of a script in the percent format
KERNEL = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"},
}
MOST_ID = 64  # characters, by the notebook format
SET_UP_CHECKS = "checks"  # id of the cell in which the hidden ones of an nbgrader course find what they need
SET_UP = """\
# Run this cell first, and again after a restart. It needs to be started in the folder of this notebook.
import sys

sys.path[:0] = [{places}]
%load_ext workbook"""
FIXED = {"deletable": False, "editable": False}


@dataclass(frozen=True)
class Edition:
    """What becomes of a module's cell and of its checks: learners get the stub, and the checks' sentences alone."""

    module: Callable[[Module], str]  # the text of the module's cell
    hidden: Callable[[Module, str], str]  # what the cell of a check, or SET_UP_CHECKS, holds that learners do not see


def learners(course: Course) -> Edition:
    return Edition(
        lambda module: stub(module, course.solution(module).read_text("utf-8"), str(course.solution(module))),
        lambda module, check: "",
    )


def notebook_name(module: Module) -> str:
    return f"{module.name}.ipynb"


def tutorial_name(course: Course, track: str) -> str:
    return f"tutorial{course.tracks[track]}.ipynb"


def notebooks(course: Course) -> dict[Path, str]:
    """Every notebook that learners get: its place beneath exercises/ -> its text."""
    edition = learners(course)
    found = {Path(module.step, notebook_name(module)): text(course, [module], edition) for module in course.modules()}
    for track in course.tracks:
        modules = course.modules(tracks=[track])
        found[Path(tutorial_name(course, track))] = text(course, modules, edition, tutorial=True)
    return found


def write_notebooks(course: Course, folder: Path) -> list[Path]:
    """Write the notebooks beneath `folder`; returns those that have changed."""
    changed = []
    for place, content in notebooks(course).items():
        file = folder / place
        if not file.is_file() or file.read_text("utf-8") != content:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content, encoding="utf-8", newline="\n")
            changed.append(file)
    return changed


def text(course: Course, modules: list[Module], edition: Edition, tutorial: bool = False) -> str:
    """A notebook of these modules as it is in its file."""
    import nbformat.v4  # here and below: what runs every command need not load it

    maker = _Maker(course, edition, tutorial)
    cells = [cell for module in modules for cell in maker.cells(module)]
    whole = nbformat.v4.new_notebook(cells=cells, metadata=KERNEL)
    with warnings.catch_warnings():
        warnings.simplefilter(
            "error"
        )  # nbformat mends what is wrong, such as an id that is there twice, and only warns
        nbformat.validate(whole)
    return f"{nbformat.writes(whole)}\n"


class _Maker:
    """Makes the cells of one notebook."""

    def __init__(self, course: Course, edition: Edition, tutorial: bool) -> None:
        self.course = course
        self.edition = edition
        self.tutorial = tutorial

    def cells(self, module: Module) -> Iterator[Any]:
        yield from self.lesson(module)
        yield from self.write(module)
        yield from self.tests(module)
        if not self.tutorial:
            yield from self.checks(module)
        yield from self.explore(module)
        yield from self.following(module)

    def set_up(self) -> Any:
        places = '"."' if self.tutorial else '".", ".."'
        return self.code(None, "set-up", SET_UP.format(places=places), locked=True)

    def sections(self, module: Module) -> list[tuple[str, str]]:
        """(heading, text with it) of each part of the lesson; what comes before the first heading has "" for one."""
        file = self.course.exercise(module).with_name("README.md")
        parts = HEADING.split(file.read_text("utf-8") if file.is_file() else f"# {module.step}")
        return [("", parts[0]), *((part.split("\n", 1)[0], f"## {part}") for part in parts[1:])]

    def lesson(self, module: Module) -> Iterator[Any]:
        """The sections of the lesson that are this track's."""
        for heading, section in self.sections(module):
            if self.belongs(module, heading):
                yield self.markdown(module, heading or "lesson", section)
            if not heading and module.track in self.course.notebooks.sections:
                yield self.markdown(
                    module,
                    "rest",
                    "What both tracks share, the idea, an example and the common mistakes, is in "
                    "[the whole lesson](README.md). Below is what changes.",
                )

    def belongs(self, module: Module, heading: str) -> bool:
        """The first track's notebook has all but the other tracks' sections; another's its own, and the beginning."""
        if heading in self.course.notebooks.without:
            return False
        owner = next((t for t, start in self.course.notebooks.sections.items() if heading.startswith(start)), None)
        if module.track in self.course.notebooks.sections:
            return not heading or owner == module.track
        return owner is None

    def write(self, module: Module) -> Iterator[Any]:
        """The cell that is the module's file."""
        yield self.markdown(
            module,
            "write",
            f"## Write it\n\nThe cell that begins with `%%module` is the file `{module.file}`: running it writes the "
            "file and imports it, so pytest and the later notebooks have it too. Work here or in the file as you like: "
            "what you have written in the file is not overwritten. Put your code in the place of each "
            "`raise NotImplementedError(...)`, run the cell, and then the tests below it.",
        )
        if not self.tutorial or module == self.course.modules(tracks=[module.track])[0]:
            yield self.set_up()
        source = f"%%module {module.file}\n{self.edition.module(module)}"
        yield self.code(module, "module", source, solution=True)

    def tests(self, module: Module) -> Iterator[Any]:
        """The public tests, a cell each, and before them what they share."""
        file = self.course.exercise(module).with_name(f"test_{module.file}")
        if not file.is_file():
            return
        yield self.markdown(
            module,
            "tests",
            f"## Try it\n\nThese are the tests of `{file.name}`. In a terminal, in the course's folder, "
            f"`pytest exercises/{module.step}/{file.name}` runs the same. What the tests share is folded away.",
        )
        for kind, name, source in passages(file.read_text("utf-8")):
            if kind == "heading":
                yield self.markdown(module, f"tests-{name}", f"### {name}")
                continue
            if kind == "test":
                cell = self.code(module, f"public_{name}", f"%%test {module.name}\n{source}", points=0)
            else:
                cell = self.code(module, f"shared-{name}", f"%%test {module.name}\n{source}", locked=True)
                cell.metadata["jupyter"] = {"source_hidden": True}  # folded away, and one click from being read
            yield cell

    def checks(self, module: Module) -> Iterator[Any]:
        """What is graded when the work is handed in: a cell for each hidden check, with its points."""
        yield self.markdown(
            module,
            "checks",
            "## What is graded\n\nAfter you have handed in, each of these sentences is checked with other numbers than "
            "those above. There is nothing to do here.",
        )
        told = sentences(self.course, module)
        first = ["# What the cells below need.", self.edition.hidden(module, SET_UP_CHECKS)]
        yield self.code(module, SET_UP_CHECKS, "\n".join(filter(None, first)), points=0)
        for name, check in module.checks.items():
            noun = "point" if check.points == 1 else "points"
            lines = [f"# {told[name]} ({check.points:g} {noun})", self.edition.hidden(module, name)]
            yield self.code(module, name, "\n".join(filter(None, lines)), points=check.points)

    def explore(self, module: Module) -> Iterator[Any]:
        """The cells of the step's explore script, if there is one."""
        file = self.course.exercise(module).with_name(f"explore{self.course.tracks[module.track]}.py")
        if not file.is_file():
            return
        import jupytext

        source = file.read_text("utf-8")
        start = CELL.search(source)
        script = jupytext.reads(source[start.start() if start else 0 :], fmt="py:percent")
        for number, cell in enumerate(script.cells):
            name = f"explore-{number}"
            made = self.markdown(module, name, cell.source) if cell.cell_type == "markdown" else None
            yield made or self.code(module, name, cell.source)

    def following(self, module: Module) -> Iterator[Any]:
        """The way to the track's next notebook; after the last one what the lesson says beyond notebooks."""
        modules = self.course.modules(tracks=[module.track])
        for after in modules[modules.index(module) + 1 :][:1]:
            if not self.tutorial:
                link = f"[{after.step}/{notebook_name(after)}](../{after.step}/{notebook_name(after)})"
                title = self.course.steps[after.step].title
                yield self.markdown(module, "next", f"## What comes next\n\n{link}: {title}.")
        if module == modules[-1]:
            for heading, section in self.sections(module):
                if heading in self.course.notebooks.without:
                    yield self.markdown(module, heading, section)

    def id(self, module: Module, name: str) -> str:
        """A cell's id; in a tutorial, which holds several modules, with the step."""
        plain = re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-")
        whole = f"{plain}-{module.step}" if self.tutorial else plain
        if len(whole) <= MOST_ID:
            return whole
        return f"{whole[: MOST_ID - 9]}-{hashlib.sha256(whole.encode()).hexdigest()[:8]}"

    def markdown(self, module: Module, name: str, source: str) -> Any:
        import nbformat.v4

        if self.tutorial:
            source = LINK.sub(lambda link: f"{link[1]}{_from_above(module.step, link[2])}{link[3]}", source)
        identifier = self.id(module, f"text-{name.lower()}")
        return nbformat.v4.new_markdown_cell(source.strip("\n"), id=identifier, metadata=dict(FIXED))

    def code(
        self,
        module: Module | None,
        name: str,
        source: str,
        locked: bool = False,
        solution: bool = False,
        points: float | None = None,
    ) -> Any:
        """A code cell. With `points` it is graded by what it does, else it is locked, a solution, or free."""
        import nbformat.v4

        graded = points is not None
        marks: dict[str, Any] = {}
        if locked or solution or graded:
            marks = {"deletable": False} if solution else dict(FIXED)
        if marks and not self.tutorial:  # which nobody hands in to nbgrader
            marks["nbgrader"] = {
                "cell_type": "code",
                "grade": graded,
                "grade_id": name,
                "locked": locked or graded,
                "schema_version": 3,
                "solution": solution,
                "task": False,
            }
            if graded:
                marks["nbgrader"]["points"] = points
        identifier = self.id(module, name) if module else name
        return nbformat.v4.new_code_cell(source.strip("\n"), id=identifier, metadata=marks)


def _from_above(step: str, target: str) -> str:
    """A link out of a step's folder as it is from the folder above."""
    return target.removeprefix("../") if target.startswith("../") else f"{step}/{target}"


def passages(source: str) -> Iterator[tuple[str, str, str]]:
    """A test file in passages: ("test" or "heading" or "shared", its name, its text), in order.

    What tests share is called after the first thing that it defines.
    """
    lines = source.splitlines()
    body = ast.parse(source).body
    start = body[0].end_lineno or 0 if body and _is_text(body[0]) else 0
    shared: list[str] = []
    name = ""
    for node in body[1:] if start else body:
        first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", ()))])
        between, end = lines[start : first - 1], node.end_lineno or node.lineno
        start = end
        heading = _heading(between)
        is_test = isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
        if shared and (heading or is_test):
            yield "shared", name, "\n".join(shared).strip("\n")
            shared, name = [], ""
        if heading:
            yield "heading", heading, ""
            between = between[between.index(f"# {heading}") + 1 :]
        text = [*between, *lines[first - 1 : end]]
        if is_test:
            yield "test", _name(node), "\n".join(text).strip("\n")
        else:
            shared += text
            name = name or _name(node)
    if shared:
        yield "shared", name, "\n".join(shared).strip("\n")


def _name(node: ast.stmt) -> str:
    """What a statement defines, "" for nothing and for what is imported."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return node.name
    target = node.targets[0] if isinstance(node, ast.Assign) else None
    if isinstance(target, ast.Tuple):
        target = target.elts[0]
    return target.id if isinstance(target, ast.Name) else ""


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _heading(lines: list[str]) -> str:
    """A comment that stands alone between empty lines and is no sentence, as headings of test files do."""
    for before, line, after in zip(["", *lines], lines, [*lines[1:], "x"], strict=False):
        if line.startswith("# ") and not line.endswith(".") and not before and not after:
            return line[2:]
    return ""


def sentences(course: Course, module: Module) -> Mapping[str, str]:
    """What each hidden check promises: the first paragraph of its docstring."""
    tests = ast.parse(course.suite(module).read_text("utf-8")).body
    told = {node.name: ast.get_docstring(node) or "" for node in tests if isinstance(node, ast.FunctionDef)}
    return {name: " ".join(told.get(name, "").split("\n\n")[0].split()) for name in module.checks}
