"""The learner's own GPT: exercises/microgpt.py as a learner runs it, over the solutions and over half-done steps."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from learners import PROGRAM, command, learner, run

ROOT = Path(__file__).resolve().parents[2]
NAMES = ["abba", "cab", "bea", "ada", "dabe", "ebba"]


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A folder with a short list of names."""
    (tmp_path / "names.txt").write_text("\n".join(NAMES) + "\n")
    return tmp_path


def trained(here: Path, *words: object) -> dict:
    """What `train` over the solutions has kept."""
    done = run("train", "--solutions", "--names", "names.txt", *words, cwd=here)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return json.loads((here / "my_gpt" / "model.json").read_text())


def is_png(file: Path) -> bool:
    return file.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")


@pytest.fixture
def modules(monkeypatch: pytest.MonkeyPatch):
    """The solutions' modules by their bare names, and forgotten afterwards."""
    before = set(sys.modules)
    for step in sorted((ROOT / "solutions").glob("[0-9]*")):
        monkeypatch.syspath_prepend(str(step))
    yield __import__
    for name in set(sys.modules) - before:
        if (getattr(sys.modules[name], "__file__", None) or "").startswith(str(ROOT / "solutions")):
            del sys.modules[name]


def test_training_is_that_of_step_09(here: Path, modules) -> None:
    """`train` gives the losses that the function of step 09 gives from the same seed, to the last digit."""
    import random

    kept = trained(here, "--steps", 6, "--seed", 7)
    adam, embedding, tokenizer = modules("adam"), modules("embedding"), modules("tokenizer")
    rng = random.Random(7)
    docs = list(NAMES)
    rng.shuffle(docs)
    tok = tokenizer.Tokenizer(docs)
    state = embedding.init_state(tok.vocab_size, rng=rng)
    assert kept["losses"] == adam.train(state, docs, tok, 6)
    assert kept["state"]["wte"] == [[value.data for value in row] for row in state["wte"]]
    assert kept["settings"]["seed"] == 7


def test_training_in_torch(here: Path, modules) -> None:
    """`train --torch --batch-size` gives the losses of step 09 from the weights that it began with."""
    kept = trained(here, "--torch", "--steps", 1, "--batch-size", 4)
    more = trained(here, "--torch", "--steps", 5, "--batch-size", 4, "--fresh")
    assert more["losses"][0] == kept["losses"][0]  # the same seed: the same first weights and names
    assert len(set(more["losses"])) == 5
    shapes = {name: (len(rows), len(rows[0])) for name, rows in more["state"].items()}
    assert shapes["wte"] == (6, 16)
    assert shapes["layer0.mlp_fc2"] == (16, 64)
    assert is_png(here / "my_gpt" / "loss.png")


def test_a_picture_of_the_loss(here: Path) -> None:
    """The loss curve is a PNG beside the weights."""
    trained(here, "--steps", 3)
    assert is_png(here / "my_gpt" / "loss.png")


@pytest.mark.parametrize("words", [(), ("--torch", "--batch-size", 2)], ids=["pure", "torch"])
def test_ctrl_c_keeps_what_is_there(here: Path, words: tuple) -> None:
    """A stopped and resumed training ends with the weights and losses of one that ran through."""
    whole = trained(here, *words, "--steps", 200 if words else 20, "--out", "my_gpt")
    steps = len(whole["losses"])
    arguments = ["train", "--solutions", "--names", "names.txt", *words, "--steps", steps, "--out", "half"]
    process = subprocess.Popen(
        command(PROGRAM, *arguments), cwd=here, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    with process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("step "):
                process.send_signal(signal.SIGINT)
                break
        rest = process.stdout.read()
    assert process.returncode == 130, rest
    assert "next: python" in rest
    half = json.loads((here / "half" / "model.json").read_text())
    assert 0 < len(half["losses"]) < steps
    assert half["losses"] == whole["losses"][: len(half["losses"])]
    torch = ["--torch"] if words else []
    done = run("train", "--solutions", "--resume", *torch, "--out", "half", cwd=here)
    assert (done.returncode, done.stderr) == (0, "")
    resumed = json.loads((here / "half" / "model.json").read_text())
    assert resumed["losses"] == whole["losses"]
    assert resumed["state"] == whole["state"]


def test_an_adam_that_cannot_be_written_is_said(here: Path, tmp_path: Path) -> None:
    """An optimizer that keeps its averages in a dict of Values is resumed with new ones, and the learner is told."""
    program = learner(tmp_path, 10)
    adam = program.parent / "09_adam" / "adam.py"
    text = adam.read_text().replace("self.m = [0.0] * len(params)", "self.m = {p: 0.0 for p in params}")
    adam.write_text(text.replace("self.m[i]", "self.m[p]"))
    assert run("train", "--names", "names.txt", "--steps", 3, cwd=here, program=program).returncode == 0
    model = here / "my_gpt" / "model.json"
    kept = json.loads(model.read_text())
    assert kept["optimizer"] is None
    kept["settings"]["steps"] = 4
    model.write_text(json.dumps(kept))
    done = run("train", "--resume", cwd=here, program=program)
    assert done.returncode == 0
    assert "your Adam keeps something that cannot be written to a file" in done.stdout


@pytest.mark.parametrize("track", ["pure", "torch"])
def test_sampling(here: Path, track: str) -> None:
    """`sample` prints as many names as asked for: the same for a seed, others for another, one over and over at 0."""
    torch = ["--torch"] if track == "torch" else []
    trained(here, *torch, "--steps", 3)

    def sample(*words: object) -> list[str]:
        done = run("sample", "--solutions", *torch, *words, cwd=here)
        assert done.returncode == 0, done.stderr
        assert "are not in the list" in done.stderr
        return done.stdout.splitlines()

    names = sample("-n", 12, "--temperature", 3)
    assert len(names) == 12
    assert set("".join(names)) <= set("abcde")
    assert sample("-n", 12, "--temperature", 3) == names
    assert sample("-n", 12, "--temperature", 3, "--seed", 5) != names
    assert len(set(sample("-n", 3, "--temperature", 0))) == 1


def test_both_tracks_read_the_same_weights(here: Path) -> None:
    """A model trained in one track invents its likeliest name in the other: the file holds numbers only."""
    trained(here, "--steps", 8)
    greedy = [
        run("sample", "--solutions", *track, "-n", 1, "--temperature", 0, cwd=here).stdout
        for track in ([], ["--torch"])
    ]
    assert greedy[0] == greedy[1] != ""


@pytest.mark.parametrize(
    ("upto", "says", "following"),
    [
        (0, "01_value is not done yet: write Value.__init__() in value.py", "01_value/test_value.py"),
        (3, "04_layers is not done yet: write linear() in layers.py", "04_layers/test_layers.py"),
    ],
)
def test_a_step_that_is_not_done_is_named(tmp_path: Path, upto: int, says: str, following: str) -> None:
    """The first step that is a stub is named, with the command to run next; no traceback."""
    program = learner(tmp_path, upto)
    for words in (["train"], ["assemble", "--pure"]):
        done = run(*words, cwd=program.parent, program=program)
        assert done.returncode == 1
        assert done.stderr == f"error: {says}\nnext: pytest {following}\n"
    assert not (program.parent / "my_gpt").exists()


def test_assemble_says_which_half_is_not_done(tmp_path: Path) -> None:
    """With one track done, its program is written, and the other's next step is named."""
    program = learner(tmp_path, 10)
    shutil.copy(ROOT / "exercises" / "07_attention" / "attention_torch.py", program.parent / "07_attention")
    done = run("assemble", cwd=tmp_path, program=program)
    assert done.returncode == 0
    assert (tmp_path / "my_gpt" / "microgpt_simple.py").exists()
    assert not (tmp_path / "my_gpt" / "microgpt_pytorch.py").exists()
    assert "microgpt_pytorch.py is not written: 07_attention is not done yet" in done.stderr


@pytest.mark.parametrize(("track", "file"), [("--pure", "microgpt_simple.py"), ("--torch", "microgpt_pytorch.py")])
def test_the_program_runs_by_the_command_that_is_shown(tmp_path: Path, track: str, file: str) -> None:
    """`assemble` prints what to type next; typed there it finds the names, and without them says what it wants."""
    done = run("assemble", track, cwd=tmp_path, program=learner(tmp_path, 10))
    assert done.stdout.endswith(f"next: {Path(sys.executable).name} my_gpt/{file}\n")
    program = tmp_path / "my_gpt" / file
    program.write_text(program.read_text().replace("num_steps=1000", "num_steps=2"))
    start = [sys.executable, *done.stdout.split()[-1:]]
    invented = subprocess.run(start, cwd=tmp_path, capture_output=True, text=True)
    assert invented.stdout.startswith("1628 names, 27 tokens, 4192 parameters\n")
    assert len(invented.stdout.partition("new names:\n")[2].splitlines()) == 20
    (tmp_path / "my_gpt" / "names.txt").unlink()
    stopped = subprocess.run(start, cwd=tmp_path, capture_output=True, text=True)
    assert (stopped.returncode, stopped.stdout) == (1, "")
    assert stopped.stderr.endswith("names.txt is missing: give the program a file with one name on each line\n")


def test_an_error_in_learner_code_is_shown_with_its_line(here: Path, tmp_path: Path) -> None:
    """An exception names the learner's file, line and the command for its step; --traceback shows all of it."""
    program = learner(tmp_path, 10)
    file = program.parent / "04_layers" / "layers.py"
    file.write_text(file.read_text().replace("(mean_square + eps) ** -0.5", "(mean_square + epsilon) ** -0.5"))
    done = run("train", "--names", "names.txt", cwd=here, program=program)
    assert done.returncode == 1
    assert done.stderr.startswith("error: NameError: name 'epsilon' is not defined\n")
    assert "in rmsnorm\n    scale = (mean_square + epsilon) ** -0.5\nnext: pytest " in done.stderr
    assert "Traceback" not in done.stderr
    done = run("train", "--names", "names.txt", "--traceback", cwd=here, program=program)
    assert done.returncode == 1
    assert "Traceback" in done.stderr


def test_a_syntax_error_is_named(tmp_path: Path) -> None:
    """A file that Python cannot read is named with its line, before anything runs."""
    program = learner(tmp_path, 10)
    (program.parent / "05_tokenizer" / "tokenizer.py").write_text("def load_docs(path):\n    return [\n")
    done = run("train", cwd=program.parent, program=program)
    assert done.returncode == 1
    assert done.stderr.startswith("error: 05_tokenizer/tokenizer.py, line 2: '[' was never closed\n")


def test_mistakes_on_the_command_line(here: Path) -> None:
    """What cannot be done is said in one line with the way out, and nothing is written or lost."""
    cases = {
        ("train", "--batch-size", "2"): "the pure track takes one name a step",
        ("train", "--names", "nowhere.txt"): "there is no file nowhere.txt",
        ("train", "--resume"): "there is no trained model",
        ("sample",): "there is no trained model",
    }
    for words, says in cases.items():
        done = run(words[0], "--solutions", *words[1:], cwd=here)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith(f"error: {says}")
        assert "\nnext: " in done.stderr
        assert sorted(path.name for path in here.iterdir()) == ["names.txt"]
    for words in (["train", "--steps", "0"], ["sample", "--temperature", "-1"], ["train", "--steps", "x"], []):
        assert run(*words, cwd=here).returncode == 2  # argparse's own, with the usage


def test_a_model_is_not_overwritten(here: Path) -> None:
    """A second `train` stops and names the two ways on; --fresh replaces the model."""
    first = trained(here, "--steps", 2)
    done = run("train", "--solutions", "--names", "names.txt", "--steps", 3, cwd=here)
    assert done.returncode == 1
    assert "my_gpt/model.json is there already" in done.stderr
    assert json.loads((here / "my_gpt" / "model.json").read_text()) == first
    assert len(trained(here, "--steps", 3, "--fresh")["losses"]) == 3


def test_a_damaged_model_is_said(here: Path) -> None:
    """A file that `train` has not written is named, not read."""
    (here / "my_gpt").mkdir()
    for text in ("", "[]", '{"format": "another"}'):
        (here / "my_gpt" / "model.json").write_text(text)
        done = run("sample", "--solutions", cwd=here)
        assert done.returncode == 1
        assert "is not a model that microgpt.py has written" in done.stderr


def test_rich_and_matplotlib_are_not_needed(here: Path, tmp_path: Path) -> None:
    """Without them there are plain lines and no picture, and what to install is said."""
    absent = tmp_path / "absent"
    for package in ("rich", "matplotlib"):
        (absent / package).mkdir(parents=True)
        (absent / package / "__init__.py").write_text("raise ImportError('not here')\n")
    done = run("train", "--solutions", "--names", "names.txt", "--steps", 10, cwd=here, PYTHONPATH=str(absent))
    assert done.returncode == 0, done.stderr
    assert "step 10 of 10, loss" in done.stdout
    assert "pip install matplotlib" in done.stdout
    assert not (here / "my_gpt" / "loss.png").exists()


def test_the_bundled_list() -> None:
    """At least 1,000 different names of a to z, one a line, sorted."""
    lines = (ROOT / "exercises" / "data" / "names.txt").read_text(encoding="ascii").splitlines()
    assert len(lines) >= 1000
    assert lines == sorted(set(lines))
    assert all(line.isalpha() and line.islower() and 2 <= len(line) <= 15 for line in lines)
    assert set("".join(lines)) == set("abcdefghijklmnopqrstuvwxyz")


def seen(program: Path, *words: object) -> list[str]:
    """What `status` shows, line by line, its columns one blank apart."""
    done = run("status", *words, cwd=program.parents[1], program=program)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    return [" ".join(line.split()) for line in done.stdout.splitlines()]


def test_status_shows_the_map_and_the_next_command(tmp_path: Path) -> None:
    """Of pytest's output only the map is left; a wrong answer is counted, and what comes next is the step with it."""
    program = learner(tmp_path, upto=2)
    file = program.parent / "02_backward" / "backward_torch.py"
    file.write_text(file.read_text().replace("else leaf.grad.add_(grad)", "else grad"), encoding="utf-8")
    lines = seen(program)
    assert lines[:2] == ["pure Python PyTorch", "01_value done done"]
    name, pure, passed, of, total, tests = lines[2].split()
    assert (name, pure, of, tests) == ("02_backward", "done", "of", "tests")
    assert 0 < int(passed) < int(total)
    assert lines[3:11] == [f"{step.name} not started not started" for step in sorted(program.parent.glob("[0-9]*"))[2:]]
    assert lines[11:] == [
        "Next, pure Python: pytest exercises/03_softmax/test_softmax.py",
        "A hint, pure Python: python exercises/microgpt.py hint 03",
        "Next, PyTorch: pytest exercises/02_backward/test_backward_torch.py",
        "A hint, PyTorch: python exercises/microgpt.py hint 02 --torch",
    ]


@pytest.mark.parametrize(("track", "train"), [("--pure", "train"), ("--torch", "train --torch")])
def test_status_of_one_track(tmp_path: Path, track: str, train: str) -> None:
    """Only that track's tests are asked; where all are done, training comes next."""
    assert seen(learner(tmp_path, upto=10), track) == [
        *(f"{step.name} done" for step in sorted((ROOT / "solutions").glob("[0-9]*"))),
        f"Next: all steps are done. Train your own GPT: python exercises/microgpt.py {train}",
        f"See it at work: python exercises/10_sampling/explore{'_torch' * (track == '--torch')}.py",
    ]


def test_status_without_a_map(tmp_path: Path) -> None:
    """Where pytest stops, what it says is told, and the command that shows it again."""
    program = learner(tmp_path, upto=1)
    (program.parent / "01_value" / "test_value.py").write_text("def test_mine(:\n")
    done = run("status", "--pure", cwd=program.parents[1], program=program)
    assert (done.returncode, done.stdout) == (1, "")
    assert "error: the tests do not run:" in done.stderr
    assert "def test_mine(:" in done.stderr
    assert done.stderr.endswith("next: pytest exercises\n")


def test_status_lets_a_loop_that_does_not_end_be_seen(tmp_path: Path) -> None:
    """Only the map of pytest's output is told, but what it says of the line at work is shown while it is at work."""
    program = learner(tmp_path, upto=1)
    value = program.parent / "01_value" / "value.py"
    value.write_text(value.read_text() + "\nimport sys\nsys.modules['progress'].LONG = 0.2\nwhile True:\n    pass\n")
    start = command(program, "status", "--pure")
    with subprocess.Popen(start, cwd=tmp_path, stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        assert process.stderr is not None
        told = [process.stderr.readline(), process.stderr.readline()]
        os.killpg(process.pid, signal.SIGKILL)
    assert told[0] == "\n"
    assert " has been running for 0.2 s, now at course/exercises/01_value/value.py:" in told[1]


def test_status_without_pytest(tmp_path: Path) -> None:
    """The pure track needs pytest only; where it is missing, that is said."""
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['pytest'] = None\n")
    done = run("status", cwd=tmp_path, PYTHONPATH=str(tmp_path))
    assert (done.returncode, done.stderr) == (1, "error: pytest is not installed\nnext: pip install pytest\n")
