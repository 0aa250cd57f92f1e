"""A pytest plugin that runs hidden tests without the jail, in one process, on code that one trusts.

    pytest -p grader.marking.plain tests/hidden/03_softmax/test_softmax.py --answers solutions

For writing suites, and as the plain pytest that `make bench` compares with. Nothing here protects anything.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from grader.jail.calls import call
from grader.jail.modules import Modules, run_probes
from grader.marking.answers import answers
from grader.marking.check import Check, Raised
from grader.wire import Data, decode, encode


class InProcess:
    """Probes over the modules of one folder of answers."""

    def __init__(self, answers: Path, step: str, test_file: Path) -> None:
        torch = test_file.stem.endswith("_torch")
        files = [
            file
            for folder in sorted(answers.iterdir())
            if folder.is_dir() and folder.name <= step
            for file in sorted(folder.glob("*.py"))
            if file.stem.endswith("_torch") == torch and not file.stem.startswith("test_")
        ]
        sources = {file.stem: (f"{file.parent.name}/{file.name}", file.read_bytes()) for file in files}
        kits = {kit.stem: (kit.name, kit.read_bytes()) for kit in test_file.parent.parent.glob("kit*.py")}
        self.files = {name for name, _ in sources.values()}
        self.modules = Modules(sources | kits, {}, {})
        self.modules.install()
        probes = test_file.with_name("probes_torch.py" if torch else "probes.py")
        code = compile(probes.read_text("utf-8"), str(probes), "exec")
        try:
            self.probes = run_probes(f"{step}.probes", str(probes), code)
            self.loaded = self.modules.remove()
        except BaseException:
            self.modules.remove()
            raise

    def ask(self, probe: str, cases: list[list[Data]]) -> list[Data] | Raised:
        reply = call(self.probes, probe, decode(encode(cases)), self.files)
        return answers(decode(encode(reply)), len(cases))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--answers", default="solutions", help="folder with NN_step/*.py to judge (runs unprotected)")
    parser.addoption("--check-seed", type=int, default=0, help="seed of the inputs")


@pytest.fixture(scope="module")
def sources(request: pytest.FixtureRequest) -> tuple[InProcess, InProcess]:
    file: Path = request.path
    folders = Path(request.config.getoption("--answers")), file.parents[3] / "solutions"
    learner, reference = (InProcess(folder, file.parent.name, file) for folder in folders)
    return learner, reference


@pytest.fixture
def check(request: pytest.FixtureRequest, sources: tuple[InProcess, InProcess]) -> Check:
    seed = request.config.getoption("--check-seed")
    return Check(random.Random(f"{seed}/{request.path.parent.name}/{request.node.name}"), *sources)
