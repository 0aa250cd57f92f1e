"""What makes a notebook and the files one thing: `%%module` keeps a cell as a module, `%%test` runs a public test.

Runs in the kernel of a notebook, on any system. May import the standard library, IPython, pytest, and the files beside
it.

`%%module softmax.py` is the first line of a cell, and the cell's other lines are the file softmax.py: to run the cell
is to write the file and import it. So whoever works in the notebook has the modules that pytest, microgpt.py and the
later notebooks use, and whoever works in the file can open the notebook at any time: the cell does not overwrite what
somebody has written by hand.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import importlib
import io
import os
import re
import sys
from pathlib import Path

import pytest
from IPython.core.magic import Magics, cell_magic, magics_class

ASKED = "MICROGPT_ASKED"  # tells progress.py to ask no further and to draw no map
HERE = Path(__file__).resolve().parent
LEFT = re.compile(r"raise NotImplementedError\(.\d\d_\w+: write ([\w.]+)\(\)")  # what a stub says of each function
MARK = re.compile(r"# written by (?P<name>\S+): (?P<digest>[0-9a-f]{16})\n\Z")  # the last line of a file that we wrote


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

        self.files = conftest.FILES
        self.units = {name: Unit(file.parent, name) for name, file in self.files.items()}
        self.explainer = Explainer(tuple(self.units.values()), Path.cwd())
        self.results = {}  # module name -> (what it was asked about, {test: "" or why it fails})

    @cell_magic
    def module(self, line, cell):
        """%%module NAME.py: the cell is this file. It is written, unless by hand it says more, and imported."""
        name = line.strip().removesuffix(".py")
        if name not in self.files:
            raise Shown(f"there is no module {line.strip()!r} in this course; its first line is %%module NAME.py")
        keep(self.files[name], cell)
        for other in self.files:  # what has been imported may hold what was there before
            sys.modules.pop(other, None)
        try:
            imported = importlib.import_module(name)
        except Exception as error:
            why = self.explainer.explain(error, self.units[name])
            raise Shown("\n".join([why.sentence, *(f"    {text}" for text in why.lines)])) from None
        self.shell.push({key: thing for key, thing in vars(imported).items() if not key.startswith("_")})

    @cell_magic
    def test(self, line, cell):
        """%%test NAME: runs the tests that the cell shows, which are those of test_NAME.py."""
        name = line.strip()
        if name not in self.files:
            raise Shown(f"there is no module {name!r} in this course; the first line is %%test NAME")
        same_as_the_file(cell, self.units[name].tests)
        results = self.run(self.units[name])
        tests = [node.name for node in functions(cell) if node.name.startswith("test_")]
        failed = [results.get(test, f"{test} was not run") for test in tests]
        if any(failed):
            raise Shown("\n\n".join(filter(None, failed)))
        if tests:
            print("passed" if len(tests) == 1 else f"{len(tests)} passed")

    def run(self, unit):
        """{test: "" or why it fails} of a module's public tests, which run once for each state of the files."""
        whole = hashlib.sha256()
        for file in (*self.files.values(), unit.tests):
            whole.update(file.read_bytes() if file.is_file() else b"\0")
        before, results = self.results.get(unit.name, (None, None))
        if before != whole.digest():
            results = run_tests(unit.tests, [*self.files, "expect", "explain", "progress"])
            self.results[unit.name] = (whole.digest(), results)
        return results


# The cell and the file


def keep(file, cell):
    """Write a module's cell to its file. Shown: both hold work, and it is not the same.

    Where one of them has functions still to write which the other has not, the other one is meant.
    """
    text = cell.rstrip("\n") + "\n"
    before = file.read_text("utf-8", errors="replace") if file.exists() else None
    if before is None or is_ours(before):
        write(file, text)
        return
    ours, theirs = set(LEFT.findall(text)), set(LEFT.findall(before))
    if MARK.sub("", before).rstrip() == text.rstrip() or theirs < ours:
        if theirs < ours:
            print(f"{file.name} has more of it written than this cell: the file is used. `%load {file.name}` shows it.")
    elif ours < theirs:
        write(file, text)
    else:
        raise Shown(
            f"{file.name} was edited outside of this notebook, and this cell says something else. Nothing is changed.\n"
            f"    To keep the cell: delete or rename {file.name}, then run the cell again.\n"
            f"    To keep the file: put its text into the cell, below the first line."
        )


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
        raise Shown(f"this cell cannot be read by Python: {error.msg}, line {error.lineno}") from None
    if changed:
        raise Shown(
            f"{', '.join(changed)} is not what {file.name} has, and it is that file which is run.\n"
            "    Undo the change here, or make it there. For tests of your own take a cell without %%test."
        )


def run_tests(file, names):
    """Run a file's tests in this process, and leave its modules as they are."""
    seen = Reports()
    before = {name: sys.modules[name] for name in names if name in sys.modules}
    told = io.StringIO()
    places = ["-c", os.devnull, f"--rootdir={HERE}", f"--confcutdir={HERE}"]
    arguments = [*places, "-q", "-p", "no:cacheprovider", "--capture=sys", "--color=no", str(file)]
    environment = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": "", ASKED: "1"}
    finders = list(sys.meta_path)
    folders = list(sys.path)
    with changed(os.environ, environment), contextlib.redirect_stdout(told), contextlib.redirect_stderr(told):
        code = pytest.main(arguments, plugins=[seen])
    sys.meta_path[:], sys.path[:] = finders, folders
    sys.modules.update(before)
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED) or not seen.results:
        raise Shown(told.getvalue().strip() or f"pytest ended with code {int(code)}")
    return seen.results


class Reports:
    """A pytest plugin that notes how each test function ended; the cases of one count together."""

    def __init__(self):
        self.results = {}

    def pytest_runtest_logreport(self, report):
        name = report.location[2].partition("[")[0]
        if report.failed:
            self.results[name] = self.results.get(name) or str(report.longrepr)
        elif report.when == "call":
            self.results.setdefault(name, "")


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
