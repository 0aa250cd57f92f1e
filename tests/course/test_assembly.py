"""One program from ten modules: what it computes, and that learners' own ways of writing survive."""

from __future__ import annotations

import ast
import importlib
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STEPS = sorted((ROOT / "solutions").glob("[0-9]*"))
TRY_PURE = """
import random, {module} as m
tokenizer = m.Tokenizer(["emma", "ava", "bea"])
state = m.init_state(tokenizer.vocab_size, n_embd=8, n_layer=2, rng=random.Random(1))
losses = m.train(state, ["emma", "ava", "bea"], tokenizer, 3)
print(losses, [m.generate(state, tokenizer, 1.0, random.Random(i)) for i in range(5)])
"""
TRY_TORCH = """
import torch, {module} as m
torch.set_num_threads(1)
tokenizer = m.Tokenizer(["emma", "ava", "bea"])
state = m.init_state(tokenizer.vocab_size, n_embd=8, n_layer=2, generator=torch.Generator().manual_seed(1))
losses = m.train(state, ["emma", "ava", "bea"], tokenizer, 3, batch_size=2)
print(losses, [m.generate(state, tokenizer, 1.0, torch.Generator().manual_seed(i)) for i in range(5)])
"""
MODULES = """
import sys
sys.path += {folders}
import types
m = types.SimpleNamespace()
for name in {names}:
    vars(m).update(vars(__import__(name)))
sys.modules["together"] = m
"""


@pytest.fixture(scope="module")
def assemble() -> Iterator[Callable]:
    sys.path.insert(0, str(ROOT / "exercises"))
    try:
        yield importlib.import_module("runner.assembly").assemble
    finally:
        sys.path.remove(str(ROOT / "exercises"))
        for name in [name for name in sys.modules if name.split(".")[0] == "runner"]:
            del sys.modules[name]


@pytest.fixture
def steps(tmp_path: Path) -> Path:
    """The solutions, to be rewritten in other manners."""
    for step in STEPS:
        shutil.copytree(step, tmp_path / "steps" / step.name, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "steps"


def files(folder: Path, suffix: str = "") -> list[Path]:
    return [step / f"{step.name[3:]}{suffix}.py" for step in sorted(folder.iterdir())]


def python(code: str, folder: Path) -> str:
    """What this code prints in a process whose only other modules are in `folder`."""
    start = [sys.executable, "-s", "-W", "error", "-W", "ignore:Failed to initialize NumPy:UserWarning", "-c", code]
    done = subprocess.run(start, cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(("suffix", "attempt"), [("", TRY_PURE), ("_torch", TRY_TORCH)], ids=["pure", "torch"])
def test_the_program_computes_what_the_modules_do(
    assemble: Callable, tmp_path: Path, suffix: str, attempt: str
) -> None:
    """Losses and names of the one file equal those of the ten, to the last digit."""
    (tmp_path / "one.py").write_text(assemble(files(ROOT / "solutions", suffix), bool(suffix)))
    names = [f"{step.name[3:]}{suffix}" for step in STEPS]
    modules = MODULES.format(folders=[str(step) for step in STEPS], names=names) + attempt.format(module="together")
    assert python(attempt.format(module="one"), tmp_path) == python(modules, tmp_path)


def test_the_pure_program_needs_nothing_else(assemble: Callable, tmp_path: Path) -> None:
    """It imports the standard library only, runs by itself beside a list of names, and has no marker left."""
    text = assemble(files(ROOT / "solutions"), False)
    imported = {
        (alias.name if isinstance(node, ast.Import) else node.module or "").split(".")[0]
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert imported <= sys.stdlib_module_names
    assert "SOLUTION" not in text
    assert max(map(len, text.splitlines())) <= 120
    (tmp_path / "microgpt_simple.py").write_text(text.replace("num_steps=1000", "num_steps=4"))
    (tmp_path / "names.txt").write_text("emma\nava\nbea\n")
    done = subprocess.run(
        [sys.executable, "-I", "-W", "error", "microgpt_simple.py"], cwd=tmp_path, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("3 names, 6 tokens, ")
    head, _, invented = done.stdout.partition("new names:\n")
    assert "step    4 of 4, loss" in head
    assert len(invented.splitlines()) == 20


def edit(file: Path, *changes: tuple[str, str]) -> None:
    text = file.read_text()
    for before, after in changes:
        assert before in text, (file.name, before)
        text = text.replace(before, after)
    file.write_text(text)


def test_learners_own_manners(assemble: Callable, steps: Path, tmp_path: Path) -> None:
    """Aliases, whole modules, imports inside functions, helper files, equal helper names and BOMs change nothing."""
    edit(
        steps / "03_softmax" / "softmax.py",
        (
            "from value import Value",
            "import math, helpers\nfrom value import Value as V\n\n\ndef total(xs):\n    return helpers.add_up(xs)",
        ),
        ("list[Value]", "list[V]"),
        ("-> Value", "-> V"),
        (
            "    total = sum(exps[1:], exps[0])\n    return [e / total for",
            "    whole = total(exps)\n    return [e / whole for",
        ),
    )
    helpers = "import functools\n\n\ndef add_up(xs):\n    return functools.reduce(lambda a, b: a + b, xs)\n"
    (steps / "03_softmax" / "helpers.py").write_text(f'"""What I need often."""\n{helpers}')
    edit(
        steps / "04_layers" / "layers.py",
        ("from value import Value", "import value\n\n\ndef total(xs):\n    return sum(xs[1:], xs[0])"),
        ("list[Value]", "list[value.Value]"),
        ("sum(products[1:], products[0])", "total(products)"),
    )
    edit(
        steps / "07_attention" / "attention.py",
        ("from layers import linear\nfrom softmax import softmax\n", "import layers as L\n"),
        ("linear(", "L.linear("),
        ("    d = len(x) // n_head\n", "    from softmax import softmax\n    d = len(x) // n_head  # größer als 0\n"),
    )
    edit(
        steps / "08_gpt" / "gpt.py",
        ("from value import Value", 'from value import Value\n\nif __name__ == "__main__":\n    print("trying out")'),
    )
    tokenizer = steps / "05_tokenizer" / "tokenizer.py"
    tokenizer.write_text("\ufeff" + tokenizer.read_text(), encoding="utf-8")
    (tmp_path / "mine.py").write_text(assemble(files(steps), False), encoding="utf-8")
    (tmp_path / "reference.py").write_text(assemble(files(ROOT / "solutions"), False))
    text = (tmp_path / "mine.py").read_text(encoding="utf-8")
    assert "trying out" not in text
    assert "# größer als 0" in text
    assert "def total_layers(xs):" in text
    assert python(TRY_PURE.format(module="mine"), tmp_path) == python(TRY_PURE.format(module="reference"), tmp_path)


VALUE = "from value import Value"
RANDOM = "import random\n"
TWO_MEANINGS = {
    "a local name": (
        "04_layers/layers.py",
        (VALUE, f"{VALUE}\n\n\ndef softmax(x):\n    return x\n\n\ndef use(softmax):\n    return softmax"),
        "layers.py and softmax.py both define softmax",
    ),
    "a module as a thing": (
        "08_gpt/gpt.py",
        (VALUE, f"import layers\n{VALUE}\n\nkept = [layers]"),
        "gpt.py, line .* uses the module layers by itself",
    ),
    "an import under a taken name": (
        "06_embedding/embedding.py",
        (RANDOM, f"{RANDOM}from math import exp as softmax\n"),
        "embedding.py imports softmax, which means something else in softmax.py",
    ),
}


@pytest.mark.parametrize("case", sorted(TWO_MEANINGS))
def test_what_cannot_be_put_into_one_file_is_said(assemble: Callable, steps: Path, case: str) -> None:
    """A name that would mean two things is refused, with the file to change."""
    step, change, says = TWO_MEANINGS[case]
    edit(steps / step, change)
    with pytest.raises(Exception, match=says) as caught:
        assemble(files(steps), False)
    assert type(caught.value).__name__ == "Problem"
    assert Path(step).name in f"{caught.value} {caught.value.next_step}"


def test_a_name_of_pythons_own_is_not_taken_from_the_others(assemble: Callable, steps: Path, tmp_path: Path) -> None:
    """A learner's own `sum` in one module does not become everyone's."""
    own = "def sum(xs, start=None):\n    raise AssertionError('not yours')"
    edit(steps / "05_tokenizer" / "tokenizer.py", ("class Tokenizer:", f"{own}\n\n\nclass Tokenizer:"))
    (tmp_path / "mine.py").write_text(assemble(files(steps), False))
    (tmp_path / "reference.py").write_text(assemble(files(ROOT / "solutions"), False))
    assert python(TRY_PURE.format(module="mine"), tmp_path) == python(TRY_PURE.format(module="reference"), tmp_path)
