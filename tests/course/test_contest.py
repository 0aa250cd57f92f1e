"""`microgpt.py challenge`: what gets a score and what does not. How fast anything is, no test asks."""

from __future__ import annotations

import hashlib
import json
import math
import statistics
import sys
from pathlib import Path

import pytest
from learners import ROOT, learner, run
from runner import contest


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The assembled solutions, by track."""
    folder = tmp_path_factory.mktemp("programs")
    done = run("assemble", "--solutions", cwd=folder)
    assert done.returncode == 0, done.stderr
    files = {"pure": "microgpt_simple.py", "torch": "microgpt_pytorch.py"}
    return {track: (folder / "my_gpt" / file).read_text("utf-8") for track, file in files.items()}


def changed(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, old
    return text.replace(old, new)


def score(folder: Path, *words: object, **entries: str) -> tuple[int, str, str, dict]:
    """Exit code, output, errors and record of a run over these entries against the solutions."""
    for name, text in entries.items():
        (folder / f"{name}.py").write_text(text, "utf-8")
    files = [f"{name}.py" for name in entries]
    done = run("challenge", "--solutions", *files, *words, cwd=folder)
    kept = folder / "my_gpt" / "challenge.json"
    return done.returncode, done.stdout, done.stderr, json.loads(kept.read_text()) if kept.exists() else {}


QUICK = ("--steps", 3, "--rounds", 2)


def test_a_copy_is_scored_and_kept(tmp_path: Path, programs: dict[str, str]) -> None:
    """The record has what is needed to run it again: hashes, seed, steps, versions, and each round's ratio."""
    code, out, errors, record = score(tmp_path, *QUICK, mine=programs["pure"])
    assert (code, errors) == (0, "")
    [entry] = record["entries"]
    digest = hashlib.sha256(programs["pure"].encode()).hexdigest()
    assert (entry["name"], entry["sha256"], record["baseline"]["sha256"]) == ("mine.py", digest, digest)
    assert (entry["steps"], entry["apart"], record["seed"], record["track"]) == (3, 0.0, 42, "pure")
    assert len(entry["ratios"]) == 2
    assert entry["ratio"] == pytest.approx(statistics.median(entry["ratios"]), abs=0.001)
    assert out.startswith(f"mine.py: {entry['ratio']:.2f} times as fast as the solutions (")
    assert record["python"] == ".".join(map(str, sys.version_info[:3]))


def test_work_within_the_rules(tmp_path: Path, programs: dict[str, str]) -> None:
    """Another order of a sum, slots, a node less: the losses are the same to rounding, and there is a score."""
    text = changed(
        programs["pure"],
        '    """One number in the graph of a computation."""\n',
        '    """One number."""\n\n    __slots__ = ("_children", "_local_grads", "data", "grad")\n',
    )
    text = changed(text, "return sum(exps[1:], exps[0]).log()", "return sum(exps[-2::-1], exps[-1]).log()")
    code, _, errors, record = score(tmp_path, *QUICK, faster=text)
    assert (code, errors) == (0, "")
    assert 0 < record["entries"][0]["apart"] < 1e-12


FUSED = '''

def softmax(logits):
    """One node for each probability, with derivatives worked out by hand."""
    highest = max(x.data for x in logits)
    exps = [math.exp(x.data - highest) for x in logits]
    ps = [e / sum(exps) for e in exps]
    return [Value(p, tuple(logits), tuple(p * ((i == j) - q) for j, q in enumerate(ps))) for i, p in enumerate(ps)]

'''


WRONG = {  # what is changed in a right program, and why it gets no score
    "other_losses": ("return lr * (1 - step / num_steps)", "return lr", "the loss of step 2 is "),
    "fused": ("def cross_entropy(", f"{FUSED}def cross_entropy(", "in step 0 none of the six operations makes "),
    "missing": ("def doc_loss(", "def document_loss(", "it does not define doc_loss\n"),
    "no_python": ("def doc_loss(", "def doc_loss(:", "line "),
    "an_error": ("return lr * (1 - step / num_steps)", "return rate", "line "),
    "no_numbers": ("return lr * (1 - step / num_steps)", "return math.nan", "the loss of step 1 is nan and should be "),
}


@pytest.mark.slow
def test_what_gets_no_score(tmp_path: Path, programs: dict[str, str]) -> None:
    """It is said why, the others are scored, and the exit code tells that some were not."""
    entries = {name: changed(programs["pure"], old, new) for name, (old, new, _) in WRONG.items()}
    code, out, errors, record = score(tmp_path, *QUICK, **entries, right=programs["pure"])
    assert code == 1
    told = errors.split("error: ")[1:]
    for text, (name, (_, _, says)) in zip(told, WRONG.items(), strict=True):
        assert text.startswith(f"{name}.py, no score: {says}")
    assert "NameError: name 'rate' is not defined" in errors
    assert "Traceback" not in errors
    assert [entry["name"] for entry in record["entries"]] == ["right.py"]
    assert out.startswith("right.py: ")


RACE = """

def race(state, docs, tokenizer, on_step):
    train(state, docs, tokenizer, {recipe}, on_step=on_step)
"""


@pytest.mark.slow
def test_a_race_to_the_held_out_loss(tmp_path: Path, programs: dict[str, str]) -> None:
    """Another recipe that gets there has a score, with the steps that it took; without `race` it is the plain one."""
    small = programs["torch"] + RACE.format(recipe="600, 8, 0.02")
    code, _, errors, record = score(tmp_path, "--torch", "--rounds", 1, plain=programs["torch"], small=small)
    assert (code, errors) == (0, "")
    steps = {entry["name"]: entry["steps"] for entry in record["entries"]}
    assert 50 < steps["plain.py"] < 80  # about 62, by the seed
    assert steps["small.py"] > 80
    assert record["torch"]


@pytest.mark.slow
def test_a_race_that_does_not_get_there(tmp_path: Path, programs: dict[str, str]) -> None:
    """How far it came is said, and nothing is kept."""
    entries = {f"for_{steps}": programs["torch"] + RACE.format(recipe=f"num_steps={steps}") for steps in (3, 0)}
    code, out, errors, record = score(tmp_path, "--torch", "--rounds", 1, **entries)
    assert (code, out, record) == (1, "", {})
    three, none = errors.split("error: ")[1:]
    assert three.startswith("for_3.py, no score: the held-out loss came down to 3.")
    assert none.startswith("for_0.py, no score: it has never called on_step\n")


def test_the_baseline_is_what_the_learner_has_written(tmp_path: Path, programs: dict[str, str]) -> None:
    """Without --solutions their own ten modules; with a step that is not written, that one is named."""
    (tmp_path / "mine.py").write_text(programs["pure"], "utf-8")
    program = learner(tmp_path, upto=10)
    done = run("challenge", "mine.py", *QUICK, cwd=tmp_path, program=program)
    assert done.returncode == 0, done.stderr
    assert "times as fast as your ten modules" in done.stdout
    (program.parent / "09_adam" / "adam.py").write_bytes((ROOT / "exercises" / "09_adam" / "adam.py").read_bytes())
    done = run("challenge", "mine.py", cwd=tmp_path, program=program)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: 09_adam is not done yet: ")
    done = run("challenge", "nowhere.py", cwd=tmp_path, program=program)
    assert done.stderr.startswith("error: there is no file nowhere.py\nnext: python ")


@pytest.mark.parametrize(
    ("y", "xs", "slopes", "is_atomic"),
    [
        (5.0, [2.0, 3.0], [1.0, 1.0], True),  # x + y
        (6.0, [2.0, 3.0], [3.0, 2.0], True),  # x * y
        (7.0, [2.0], [1.0], True),  # x + 5
        (10.0, [2.0], [5.0], True),  # 5 x
        (9.0, [3.0], [6.0], True),  # x ** 2, and x * x as one child
        (-27.0, [-3.0], [27.0], True),  # x ** 3
        (0.5, [4.0], [-0.0625], True),  # x ** -0.5
        (1.0, [3.0], [0.0], True),  # x ** 0
        (math.log(3), [3.0], [1 / 3], True),
        (math.exp(-3), [-3.0], [math.exp(-3)], True),
        (2.0, [2.0], [1.0], True),  # relu
        (0.0, [-2.0], [0.0], True),  # relu
        (6.0, [2.0, 3.0], [2.0, 3.0], False),  # slopes the wrong way round
        (5.0, [2.0, 3.0], [1.0, 2.0], False),
        (6.0, [1.0, 2.0, 3.0], [1.0, 1.0, 1.0], False),  # a sum of three
        (math.tanh(0.5), [0.5], [1 - math.tanh(0.5) ** 2], False),
        (1 / (1 + math.exp(-2)), [2.0], [math.exp(-2) / (1 + math.exp(-2)) ** 2], False),  # a sigmoid
        (math.log(1 + math.exp(2)), [2.0], [1 / (1 + math.exp(-2))], False),  # its integral
        (-2.0, [-2.0], [0.1], False),  # a leak that is not in the number
    ],
)
def test_what_the_six_operations_make(y: float, xs: list[float], slopes: list[float], is_atomic: bool) -> None:
    """A node is told by its number and its slopes."""
    assert contest.atomic(y, xs, slopes) is is_atomic
