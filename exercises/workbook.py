"""What makes a notebook and the files one thing: `%%module` keeps a cell as a module, `%%test` runs a public test.

Runs in the kernel of a notebook, on any system. May import the standard library, IPython, pytest, and the files beside
it.

`%%module softmax.py` is the first line of a cell, and the cell's other lines are the file softmax.py: to run the cell
is to write the file and import it. So whoever works in the notebook has the modules that pytest, microgpt.py and the
later notebooks use, and whoever works in the file can open the notebook at any time: no function that somebody has
written is replaced by a stub, and what was written by hand is replaced by nothing else.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import importlib
import importlib.util
import io
import os
import re
import sys
from pathlib import Path

import pytest
from IPython.core.magic import Magics, cell_magic, magics_class

HERE = Path(__file__).resolve().parent
MARK = re.compile(r"# written by (?P<name>\S+): (?P<digest>[0-9a-f]{16})\s*\Z")  # the last line of a file of ours
PRINTED = 10  # lines that are shown of what a failed test printed


class Shown(Exception):
    """Ends a cell with sentences for the learner, and without a traceback."""

    def _render_traceback_(self):
        return str(self).splitlines()


def load_ipython_extension(shell):
    sys.path[:0] = [str(HERE)] if str(HERE) not in sys.path else []
    conftest = importlib.import_module("conftest")
    sys.path.extend(str(folder) for folder in sorted({file.parent for file in conftest.FILES.values()}))
    sys.meta_path[:] = [finder for finder in sys.meta_path if getattr(finder, "__name__", "") != "Modules"]
    sys.meta_path.insert(0, conftest.Modules)
    with contextlib.suppress(ImportError):  # a track of its own, which need not be installed
        importlib.import_module("torch").set_num_threads(1)  # tensors are small here: more threads only cost
    shell.register_magics(Workbook(shell, conftest))


@magics_class
class Workbook(Magics):
    """The two magics of one kernel."""

    def __init__(self, shell, conftest):
        super().__init__(shell)
        from explain import Explainer, Unit

        self.units = {name: Unit(file.parent, name) for name, file in conftest.FILES.items()}
        self.explainer = Explainer(tuple(self.units.values()), Path.cwd())
        self.state = None  # of the files, when the modules that are in memory were imported
        self.results = {}  # module name -> (the state of the files, {test: "" or why it fails})

    @cell_magic
    def module(self, line, cell):
        """%%module NAME.py: the cell is this file. It is written, unless the file says more, and imported."""
        unit = self.unit(line.strip().removesuffix(".py"), "%%module NAME.py")
        keep(unit.file, cell)
        self.look()
        try:
            imported = importlib.import_module(unit.name)
        except (Exception, SystemExit) as error:
            why = self.explainer.explain(error, unit)
            raise Shown("\n".join([why.sentence, *(f"    {text}" for text in why.lines)])) from None
        self.shell.push({key: thing for key, thing in vars(imported).items() if not key.startswith("_")})

    @cell_magic
    def test(self, line, cell):
        """%%test NAME: runs the tests that the cell shows, which are those of test_NAME.py."""
        unit = self.unit(line.strip(), "%%test NAME")
        same_as_the_file(cell, unit.tests)
        results = self.run(unit)
        tests = [node.name for node in functions(cell) if node.name.startswith("test_")]
        failed = [results.get(test, f"{test} was not run") for test in tests]
        if any(failed):
            raise Shown("\n\n".join(filter(None, failed)))
        if tests:
            print("passed" if len(tests) == 1 else f"{len(tests)} passed")

    def unit(self, name, first_line):
        """Shown: there is no such module, or its track cannot run here."""
        if name not in self.units:
            raise Shown(f"there is no module {name!r} in this course; the first line of the cell is {first_line}")
        if self.units[name].track == "torch" and importlib.util.find_spec("torch") is None:
            from progress import NO_TORCH

            raise Shown(NO_TORCH)
        return self.units[name]

    def look(self):
        """Forgets what was imported from files that have changed since: the steps' modules and files beside them."""
        folders = sorted({unit.folder for unit in self.units.values()})
        whole = hashlib.sha256()
        for file in (file for folder in folders for file in sorted(folder.glob("*.py"))):
            whole.update(str(file).encode() + file.read_bytes())
        if self.state != whole.digest():
            self.state = whole.digest()
            for name in from_folders(folders):
                del sys.modules[name]

    def run(self, unit):
        """{test: "" or why it fails} of a module's public tests, which run once for each state of the files."""
        self.look()
        before, results = self.results.get(unit.name, (None, None))
        if before != self.state:
            results = run_tests(unit, {one.folder for one in self.units.values()})
            self.results[unit.name] = (self.state, results)
        return results


# The cell and the file


def keep(file, cell):
    """Write a module's cell to its file. Shown: it cannot be read as Python, or both hold work and differ.

    Where the file has a function written that is a stub in the cell, the file is meant. Where it was written by hand,
    it gives way only to a cell that has all its functions, each as it is.
    """
    text = MARK.sub("", cell).rstrip("\n") + "\n"
    ours = answers(text, "this cell", 1)
    try:
        before = file.read_text("utf-8", errors="replace") if file.exists() else None
        if before is None or MARK.sub("", before).rstrip() == text.rstrip():
            if before is None or not is_ours(before):
                write(file, text)
        elif (theirs := answers(before, file.name, 0).written).keys() & ours.stubs:
            print(f"{file.name} has written what is still to write in this cell: the file is used, as it is.")
        elif is_ours(before) or theirs.items() <= ours.written.items():
            write(file, text)
        else:
            raise Shown(
                f"{file.name} was edited outside of this notebook, and this cell says something else. Nothing is "
                f"changed.\n    To keep the cell: delete or rename {file.name}, then run the cell again.\n"
                "    To keep the file: put its text into the cell, below the first line."
            )
    except OSError as error:
        raise Shown(f"{file} cannot be written: {error.strerror}. Nothing is changed.") from None


class Answers:
    """The functions of a module: {name: how it is written}, and the names of those that are stubs still."""

    def __init__(self, tree):
        self.written, self.stubs = {}, set()
        self.add(tree, "")

    def add(self, tree, prefix):
        for node in ast.iter_child_nodes(tree):
            if isinstance(node, ast.ClassDef):
                self.add(node, f"{prefix}{node.name}.")
            elif isinstance(node, ast.FunctionDef):
                body = node.body[1:] if ast.get_docstring(node) is not None else node.body
                if len(body) == 1 and ast.unparse(body[0]).startswith("raise NotImplementedError"):
                    self.stubs.add(prefix + node.name)
                else:
                    self.written[prefix + node.name] = ast.dump(node)


def answers(text, what, above):
    """Shown: the text is no Python. `above`: how many lines stand above it where the learner sees it."""
    try:
        return Answers(ast.parse(text))
    except SyntaxError as error:
        line = f", line {error.lineno + above}" if error.lineno else ""
        shown = f"\n    {error.text.strip()}" if error.text else ""
        raise Shown(
            f"{what}{line}, cannot be read by Python: {error.msg}{shown}\n    Nothing is changed: mend that first."
        ) from None


def write(file, text):
    """The file and, as its last line, by whom it was written, and what: so that work by hand can be told from it."""
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    file.write_text(f"{text}# written by {file.stem}.ipynb: {digest}\n", encoding="utf-8", newline="\n")


def is_ours(text):
    """Whether a file is as `write` left it."""
    mark = MARK.search(text)
    return mark is not None and hashlib.sha256(text[: mark.start()].encode()).hexdigest()[:16] == mark["digest"]


# The tests


def functions(source):
    return [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]


def same_as_the_file(cell, file):
    """Shown: a test in the cell is not what stands in the file, and it is the file that is run."""
    there = {node.name: ast.dump(node) for node in functions(file.read_text("utf-8"))}
    try:
        changed = [node.name for node in functions(cell) if there.get(node.name) != ast.dump(node)]
    except SyntaxError as error:
        raise Shown(f"this cell cannot be read by Python: {error.msg}, line {error.lineno + 1}") from None
    if changed:
        raise Shown(
            f"{', '.join(changed)} is not what {file.name} has, and it is that file which is run.\n"
            "    Undo the change here, or make it there. For tests of your own take a cell without %%test."
        )


def from_folders(folders):
    """The names of the modules that were imported from files in these folders."""
    found = {name: getattr(module, "__file__", None) for name, module in list(sys.modules.items())}
    return [name for name, file in found.items() if file and Path(file).parent in folders and name != "workbook"]


def run_tests(unit, folders):
    """Run a module's public tests in this process, and leave what was imported as it is."""
    seen = Reports(unit.name)
    kept = {*from_folders(folders), "expect", "explain", "progress"} & sys.modules.keys()
    before = {name: sys.modules[name] for name in kept}
    told = io.StringIO()
    places = ["-c", os.devnull, f"--rootdir={HERE}", f"--confcutdir={HERE}"]
    arguments = [*places, "-q", "-p", "no:cacheprovider", "--capture=sys", "--color=no", str(unit.tests)]
    finders, paths = list(sys.meta_path), list(sys.path)
    settings = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""}
    with changed(os.environ, settings), contextlib.redirect_stdout(told), contextlib.redirect_stderr(told):
        code = pytest.main(arguments, plugins=[seen])
    sys.meta_path[:], sys.path[:] = finders, paths
    for name in from_folders(folders):
        del sys.modules[name]
    sys.modules.update(before)
    if code == pytest.ExitCode.INTERRUPTED:
        raise Shown("stopped before the tests had ended")
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED) or not seen.results:
        raise Shown(told.getvalue().strip() or f"pytest ended with code {int(code)}")
    return {test: seen.told(test) for test in seen.results}


class Reports:
    """A pytest plugin that notes how each test function ended; the cases of one count together."""

    def __init__(self, name):
        self.name = name  # of the module
        self.results = {}
        self.wrong = set()  # the tests that fail by a wrong answer, and not for want of one
        self.verdict = ""  # whether an earlier step is to blame for those

    def pytest_runtest_logreport(self, report):
        name = report.location[2].partition("[")[0]
        if report.failed:
            lines = report.capstdout.splitlines()[-PRINTED:] if report.when == "call" else []
            why = "\n".join([str(report.longrepr), *(f"    printed: {line}" for line in lines)])
            self.results[name] = self.results.get(name) or why
        elif report.when == "call":
            self.results.setdefault(name, "")

    @pytest.hookimpl(tryfirst=True)
    def pytest_unconfigure(self, config):
        """What progress.py found out about earlier steps, before conftest.py forgets it."""
        for plugin in config.pluginmanager.get_plugins():
            progress = config.stash.get(plugin.PROGRESS, None) if hasattr(plugin, "PROGRESS") else None
            if progress is not None:
                self.wrong = {failed.test.partition("[")[0] for failed in progress.failures if failed.is_wrong}
                self.verdict = progress.verdict(progress.units[self.name]) if self.wrong else ""

    def told(self, test):
        """Why a test fails, "" if it passes."""
        why = self.results[test]
        return f"{why}\n{self.verdict}" if test in self.wrong and self.verdict else why


@contextlib.contextmanager
def changed(mapping, new):
    before = {key: mapping.get(key) for key in new}
    mapping.update(new)
    try:
        yield
    finally:
        for key, value in before.items():
            if value is None:
                mapping.pop(key)
            else:
                mapping[key] = value
