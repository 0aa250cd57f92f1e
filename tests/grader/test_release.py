"""Stubs are generated from the solutions, and the committed ones are in step with them."""

from __future__ import annotations

import ast
import base64
import gzip
import json
import os
import py_compile
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from grader import course as courses
from grader.cli import main
from grader.errors import UserError
from grader.lint import anchors, dead_links
from grader.release import bundle
from grader.release.bundle import SETTINGS, WORKFLOW, build
from grader.release.leaks import LEFT_BEHIND, LONG, leaks, plain, secrets
from grader.release.notebooks import notebooks
from grader.release.stubs import BEGIN, END, stub, write_stubs

ROOT = Path(__file__).resolve().parents[2]
MODULES = courses.load(ROOT).modules()


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.key)
def test_the_committed_stub_is_the_generated_one(module: courses.Module) -> None:
    """`make stubs` would change nothing."""
    course = courses.load(ROOT)
    expected = stub(module, course.solution(module).read_text("utf-8"), "solution")
    assert course.exercise(module).read_text("utf-8") == expected


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.key)
def test_no_answer_is_left_in_the_stub(module: courses.Module) -> None:
    """No line from between the markers stands in the stub, and what it raises names the step and the file."""
    course = courses.load(ROOT)
    text = course.exercise(module).read_text("utf-8")
    regions = course.solution(module).read_text("utf-8").split(BEGIN)[1:]
    given = {
        line.strip()
        for part in course.solution(module).read_text("utf-8").split(END)
        for line in part.split(BEGIN)[0].splitlines()
    }
    answers = {line.strip() for region in regions for line in region.split(END)[0].splitlines()} - given
    assert not answers & {line.strip() for line in text.splitlines()}
    raised = [node.exc for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Raise)]
    sentences = [
        call.args[0].value for call in raised if isinstance(call, ast.Call) and call.func.id == "NotImplementedError"
    ]
    assert len(sentences) >= len({line for line in regions if line}) - text.count(BEGIN) - 1
    assert all(s.startswith(f"{module.step}: write ") and s.endswith(f"() in {module.file}") for s in sentences)


def test_methods_and_helpers(mini: Path) -> None:
    """A method's region becomes its own sentence, and a region outside any function is left out."""
    module = courses.load(mini).modules()[0]
    source = f'''
class A:
    def twice(self):
        """Doc."""
        {BEGIN}
        return helper()
        {END}

    def given(self):
        return 1


{BEGIN}
def helper():
    return 2


{END}
LAST = 3
'''
    assert stub(module, source, "a.py") == (
        '\nclass A:\n    def twice(self):\n        """Doc."""\n'
        '        raise NotImplementedError("01_double: write A.twice() in double.py")\n'
        "\n    def given(self):\n        return 1\n\n\nLAST = 3\n"
    )


@pytest.mark.parametrize(
    ("body", "line"),
    [(f"    {BEGIN}\n    pass", 2), (f"    pass\n    {END}", 3), (f"    {BEGIN}\n    {BEGIN}\n    pass\n    {END}", 3)],
)
def test_markers_that_do_not_pair(mini: Path, body: str, line: int) -> None:
    """An unpaired marker is refused with its line, so that no answer slips into a stub."""
    with pytest.raises(UserError, match=f"a.py, line {line}: .* does not pair"):
        stub(courses.load(mini).modules()[0], f"def double():\n{body}\n", "a.py")


def test_stubs_are_written_once(mini: Path) -> None:
    """A second run has nothing to write; all stubs stand in one file besides, from which a learner gets them again."""
    course, exercises = courses.load(mini), mini / "exercises"
    assert [file.name for file in write_stubs(course, exercises)] == ["double.py", "quad.py", "stubs.json"]
    assert "return" not in course.exercise(course.modules()[0]).read_text().replace("2 x.", "")
    assert write_stubs(course, exercises) == []
    again = json.loads((exercises / "data" / "stubs.json").read_text("utf-8"))
    assert again == {
        module.step: {module.file: course.exercise(module).read_text("utf-8")} for module in course.modules()
    }


# The folder that is handed out


@pytest.fixture
def own_course(tmp_path: Path) -> courses.Course:
    """A copy of the course that may be changed."""
    for part in ("course.toml", "LICENSE"):
        shutil.copy(ROOT / part, tmp_path / part)
    for part in ("exercises", "solutions", "tests/hidden"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    return courses.load(tmp_path)


def test_what_a_release_holds(own_course: courses.Course) -> None:
    """Everything of exercises/ but what trying it out leaves behind, the stubs and notebooks as generated, settings."""
    root = own_course.root
    (root / "exercises" / "my_gpt").mkdir()
    (root / "exercises" / "my_gpt" / "model.json").write_text("{}")
    (root / "exercises" / ".notes").write_text("")
    (root / "exercises" / "01_value" / "__pycache__").mkdir()
    shutil.copy(root / "solutions" / "01_value" / "value.py", root / "exercises" / "01_value" / "value.py")
    got = build(own_course, root / "out" / "release")
    kept = {
        p.relative_to(ROOT) for p in (ROOT / "exercises").rglob("*") if p.is_file() and "__pycache__" not in p.parts
    }
    generated = {Path("exercises") / place for place in notebooks(own_course)}
    settings = map(Path, [*SETTINGS, WORKFLOW, "LICENSE", "README.md"])
    want = {*settings, *kept, *generated} - {Path("exercises/README.md")}
    assert {file.relative_to(root / "out" / "release") for file in got} == want
    assert [path.name for path in (root / "out").iterdir()] == ["release"]
    for module in MODULES:
        text = (root / "out" / "release" / "exercises" / module.step / module.file).read_text("utf-8")
        assert text == (ROOT / "exercises" / module.step / module.file).read_text("utf-8")


def test_a_learner_starts_from_a_release(tmp_path: Path) -> None:
    """In a release by itself the public tests run: they fail with the stub's sentence, and pass when it is solved."""
    build(courses.load(ROOT), tmp_path / "release")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "exercises/03_softmax/test_softmax.py"]
    alone = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # a learner has pytest, and no plugins of others
    before = subprocess.run(command, cwd=tmp_path / "release", env=alone, capture_output=True, text=True, check=False)
    assert before.returncode == 1
    assert "write softmax() in softmax.py" in before.stdout
    for name in ("01_value/value.py", "02_backward/backward.py", "03_softmax/softmax.py"):
        shutil.copy(ROOT / "solutions" / name, tmp_path / "release" / "exercises" / name)
    after = subprocess.run(command, cwd=tmp_path / "release", env=alone, capture_output=True, text=True, check=False)
    assert after.returncode == 0, after.stdout


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release, only to be read."""
    folder = tmp_path_factory.mktemp("out") / "release"
    build(courses.load(ROOT), folder)
    return folder


def jobs(released: Path) -> dict[str, dict[str, Any]]:
    """The jobs of the workflow, as any reader of YAML sees them."""
    return yaml.safe_load((released / WORKFLOW).read_text("utf-8"))["jobs"]


def test_the_workflow_may_do_little(released: Path) -> None:
    """It reads the repository and nothing else, keeps no token, ends by itself, and names what it uses by version."""
    whole = yaml.safe_load((released / WORKFLOW).read_text("utf-8"))
    assert whole["permissions"] == {"contents": "read"}
    assert set(whole["on"]) == {"push", "workflow_dispatch"}
    for job in whole["jobs"].values():
        assert "permissions" not in job
        assert 0 < job["timeout-minutes"] <= 30
        uses = [step for step in job["steps"] if "uses" in step]
        assert [re.fullmatch(r"(actions/[a-z-]+)@v\d+", step["uses"])[1] for step in uses] == [
            "actions/checkout", "actions/setup-python",
        ]  # fmt: skip
        assert uses[0]["with"] == {"persist-credentials": False}
        assert "${{" not in "".join(step.get("run", "") for step in job["steps"])  # nothing is pasted into a shell


def test_the_workflow_names_what_is_there(released: Path) -> None:
    """Every file that a command reads is in the release; each job installs what it needs and keeps a summary."""
    for name, job in jobs(released).items():
        commands = [step["run"] for step in job["steps"] if "run" in step]
        made = {"public-tests.txt"}
        for word in (word for command in commands for word in shlex.split(command)):
            if re.fullmatch(r"[\w./-]+\.(txt|py|ini|toml|md)|exercises(/.*)?", word):
                assert word in made or (released / word).exists(), word
        assert "-r requirements.txt" in commands[0]
        assert ("torch" in commands[0]) == (name == "torch")
        assert '>> "$GITHUB_STEP_SUMMARY"' in commands[-1]
    assert jobs(released)["torch"]["if"] == "${{ vars.TORCH_TRACK == 'yes' }}"


def test_the_workflow_runs_the_public_tests(released: Path) -> None:
    """The command, as it stands there, collects every public test of the pure track and none of the other."""
    command = next(step["run"] for step in jobs(released)["pure"]["steps"] if step.get("name") == "Public tests")
    python = f"{shlex.quote(sys.executable)} -m pytest -p no:cacheprovider --collect-only -q"
    done = subprocess.run(
        ["bash", "-c", command.replace("python -m pytest", python).split("|")[0]],
        cwd=released, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    collected = {line.split("::")[0] for line in done.stdout.splitlines() if "::" in line}
    pure = {f"exercises/{m.step}/test_{m.file}" for m in MODULES if m.track == "pure"}
    assert collected == pure


def test_a_failing_test_fails_the_workflow(released: Path) -> None:
    """Its shell notices a failure before the pipe, where pytest's exit code would be lost otherwise."""
    for job in jobs(released).values():
        step = next(step for step in job["steps"] if step.get("name") == "Public tests")
        assert step["shell"] == "bash"
        assert "| tee public-tests.txt" in step["run"]


def notebook(**parts: object) -> str:
    cell = {"cell_type": "code", "source": ["x = 1"], "outputs": [], "metadata": {}} | parts
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def passage(course: courses.Course, start: str) -> list[str]:
    """The first two lines that give away what begins so."""
    return list(next(lines for lines, source in secrets(course).pairs.items() if source.startswith(start)))


@pytest.mark.parametrize(
    "source", ["the solution of 03_softmax/pure", "tests/hidden/03_softmax/probes.py", "tests/hidden/kit"]
)
@pytest.mark.parametrize("way", ["lesson", "comment", "data", "source", "output", "metadata"])
def test_nothing_is_given_away(
    own_course: courses.Course, monkeypatch: pytest.MonkeyPatch, source: str, way: str
) -> None:
    """An answer, a probe or a hidden test anywhere in exercises/ is found, named, and nothing is released."""
    if way not in ("lesson", "comment"):  # else the notebooks would be made as they lie in exercises/ already
        monkeypatch.setattr(bundle, "write_notebooks", lambda course, exercises: [])
    lines, step = passage(own_course, source), own_course.root / "exercises" / "03_softmax"
    text = "\n".join(lines)
    if way == "lesson":
        file, found = step / "README.md", (step / "README.md").read_text("utf-8") + "\n".join(f"    {x}" for x in lines)
    elif way == "comment":
        file, found = step / "test_softmax.py", "# " + "\n\n   # ".join(lines)
    elif way == "data":
        file, found = own_course.root / "exercises" / "data" / "more.txt", f"a\n{text}"
    else:
        outputs = {
            "output": {"outputs": [{"text": [f"{x}\n" for x in lines]}]},
            "metadata": {"metadata": {"x": {"y": text}}},
        }
        file, found = step / "notes.ipynb", notebook(**outputs.get(way, {"source": text}))
    file.write_text(found, "utf-8")
    with pytest.raises(UserError, match="nothing is released") as error:
        build(own_course, own_course.root / "out")
    place = "" if file.suffix == ".ipynb" else ", line "
    assert f"{file.relative_to(own_course.root).as_posix()}{place}" in str(error.value)
    assert f"gives away {source}" in str(error.value)
    assert not (own_course.root / "out").exists()


LINE = "return sum(exps[1:], exps[0]).log() - shifted[target]"  # of the solution of 03_softmax
COLOURED = "\x1b[0;32mreturn\x1b[0m sum(exps[\x1b[1;36m1\x1b[0m:], exps[\x1b[1;36m0\x1b[0m]).log() - shifted[target]"
MARKED = "<b>return</b> sum(exps[<i>1</i>:], exps[<i>0</i>]).log() &#45; shifted[target]"
QUOTED = {
    "bullet": f"- {LINE}",
    "number": f"  1. `{LINE}`",
    "prompt": f"> >>> {LINE}",
    "sentence": f"The last line is `{LINE}`, as the maths says.",
    "two lines": "> It ends with `return sum(exps[1:],\n> exps[0]).log() - shifted[target]`.",
    "cells of a table": "| return sum(exps[1:], | exps[0]).log() - | shifted[target] |",
    "tags": f"<pre>{MARKED}</pre>",
    "string": f'x = "no\\n{LINE}\\n"',
    "base64": base64.encodebytes(f"# an answer\n    {LINE}\n".encode()).decode(),
}


@pytest.mark.parametrize("text", QUOTED.values(), ids=QUOTED)
def test_a_line_is_found_wherever_it_is_quoted(tmp_path: Path, text: str) -> None:
    """One long line of an answer is found in a lesson, whatever stands around it or breaks it, with its place."""
    (tmp_path / "README.md").write_text(f"# A lesson\n\n{text}\n", "utf-8")
    found = leaks(tmp_path, courses.load(ROOT))
    assert found
    assert all(leak.what.startswith("gives away the solution of 03_softmax/pure (") for leak in found), found
    assert {leak.line for leak in found} <= ({3, 4} if text != QUOTED["base64"] else {1, 2})


def test_a_line_is_found_without_its_comment(tmp_path: Path) -> None:
    """Who quotes an answer and leaves out the comment at its end is found too."""
    course = courses.load(ROOT)
    regions = [part.split(END)[0] for m in MODULES for part in course.solution(m).read_text("utf-8").split(BEGIN)[1:]]
    lines = [line.strip() for region in regions for line in region.splitlines()]
    line = next(line for line in lines if "  # " in line and len(plain(line)) >= LONG and not line.startswith("#"))
    (tmp_path / "notes.md").write_text(f"so `{line.split('  # ')[0]}` it is", "utf-8")
    assert [leak.file.name for leak in leaks(tmp_path, course)] == ["notes.md"]


def zipped(file: Path, solution: Path) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as whole:
        whole.write(solution)


def tarred(file: Path, solution: Path) -> None:
    with tarfile.open(file, "w:gz") as whole:
        whole.add(solution)


def encoded(encoding: str) -> Callable[[Path, Path], None]:
    return lambda file, solution: file.write_bytes(f"# \u00e9\n{solution.read_text('utf-8')}".encode(encoding))


def tied(file: Path, solution: Path) -> None:
    """A picture with a zip behind it, which both a viewer and an unpacker open."""
    zipped(file, solution)
    file.write_bytes(b"\x89PNG\r\n\x1a\n...IEND\xaeB`\x82" + file.read_bytes())


def packed_in_text(file: Path, solution: Path) -> None:
    file.write_text(f"data = '{base64.b64encode(gzip.compress(solution.read_bytes())).decode()}'\n", "utf-8")


def attached(file: Path, solution: Path) -> None:
    data = base64.b64encode(solution.read_bytes()).decode()
    file.write_text(notebook(attachments={"solution.py": {"text/plain": data}}), "utf-8")


def traceback(file: Path, solution: Path) -> None:
    file.write_text(notebook(outputs=[{"output_type": "error", "traceback": ["Error", COLOURED]}]), "utf-8")


def shown(file: Path, solution: Path) -> None:
    file.write_text(notebook(outputs=[{"data": {"text/html": [f"<pre>{MARKED}</pre>"]}}]), "utf-8")


HIDDEN_IN: dict[str, tuple[Callable[[Path, Path], object], str]] = {
    "solution.zip": (zipped, "cannot be searched"),
    "more/deeper/solution.tar.gz": (tarred, "cannot be searched"),
    "solution.pyc": (lambda file, solution: py_compile.compile(str(solution), str(file)), "cannot be searched"),
    "solution.py.orig": (encoded("utf-8"), "cannot be searched"),
    "solution": (encoded("utf-8"), "cannot be searched"),
    "utf_16.py": (encoded("utf-16"), "it is not UTF-8"),
    "utf_16_without_mark.py": (encoded("utf-16-le"), "it is not UTF-8"),
    "utf_16_of_ascii.py": (
        lambda file, solution: file.write_bytes(f"# {LINE}\n".encode("utf-16-be")),
        "it is no text: it holds the byte 0",
    ),
    "latin_1.py": (encoded("latin-1"), "it is not UTF-8"),
    "picture.png": (tied, "it is no picture, or more than one"),
    "renamed.png": (zipped, "it is no picture"),
    "broken.ipynb": (lambda file, solution: file.write_text(f"{{{LINE}", "utf-8"), "it is not valid JSON"),
    "deep.json": (lambda file, solution: file.write_text("[" * 100_000, "utf-8"), "it is not valid JSON"),
    "data.py": (packed_in_text, "a packed file stands in it"),
    "attachment.ipynb": (attached, "gives away the solution of 03_softmax/pure"),
    "traceback.ipynb": (traceback, "gives away the solution of 03_softmax/pure"),
    "table.ipynb": (shown, "gives away the solution of 03_softmax/pure"),
    "course.toml": (lambda file, solution: shutil.copy(ROOT / "course.toml", file), "gives away course.toml"),
    "hints.md": (
        lambda file, solution: file.write_text(
            (ROOT / "course.toml").read_text("utf-8").replace("\n", "\n\n    > "), "utf-8"
        ),
        "gives away course.toml",
    ),
}


@pytest.mark.parametrize(("name", "hide", "said"), [(name, *how) for name, how in HIDDEN_IN.items()], ids=HIDDEN_IN)
def test_what_cannot_be_searched_is_refused(
    tmp_path: Path, name: str, hide: Callable[[Path, Path], object], said: str
) -> None:
    """Archives, compiled files, other encodings, what is encoded in a text: found or refused, by the file's name."""
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    hide(tmp_path / name, ROOT / "solutions" / "03_softmax" / "softmax.py")
    found = leaks(tmp_path, courses.load(ROOT))
    assert [leak for leak in found if leak.file.as_posix() == name and said in leak.what], found


def test_an_archive_stops_the_release(own_course: courses.Course) -> None:
    """Where a file cannot be searched, nothing is made, and the message names it and says what to do."""
    zipped(own_course.root / "exercises" / "solution.zip", own_course.root / "solutions" / "03_softmax" / "softmax.py")
    with pytest.raises(UserError, match=r"exercises/solution\.zip: cannot be searched .* move it away"):
        build(own_course, own_course.root / "out")
    assert not (own_course.root / "out").exists()


def test_pictures_and_their_like_are_released(own_course: courses.Course) -> None:
    """A picture, settings, a text with a mark at its start, a long word: what is no answer is no obstacle."""
    exercises = own_course.root / "exercises"
    (exercises / "03_softmax" / "loss.png").write_bytes(b"\x89PNG\r\n\x1a\n...IEND\xaeB`\x82")
    (exercises / "marked.MD").write_text("\ufeffcaf\u00e9", "utf-8")
    (exercises / "setup.cfg").write_text(f"[a]\nkey = {'0123456789abcdef' * 8}\n", "utf-8")
    (exercises / "shown.ipynb").write_text(notebook(outputs=[{"data": {"image/png": "iVBORw0KGgo" * 40}}]), "utf-8")
    made = {file.name for file in build(own_course, own_course.root / "out")}
    assert made >= {"loss.png", "marked.MD", "setup.cfg", "shown.ipynb"}


ANCHORS = """
# The `Value.__add__` rule, and *why*?
Text.

## The _same_ in [PyTorch](x.md#y) & more
## Twice
## Twice
Underlined
----------
<a id="here"></a>

```python
# a comment, not a heading
```
"""


def test_anchors_are_named_as_github_names_them() -> None:
    """Lower case, no punctuation, hyphens for spaces, a number for the second of a name; no comments of code."""
    assert anchors(ANCHORS) == {
        "the-value__add__-rule-and-why", "the-same-in-pytorch--more", "twice", "twice-1", "underlined", "here",
    }  # fmt: skip


def test_links_lead_to_headings(own_course: courses.Course) -> None:
    """An anchor that no heading has is named with its line, in the same file or in another; others are not."""
    lesson = own_course.root / "exercises" / "03_softmax" / "README.md"
    assert dead_links(own_course) == []
    lesson.write_text(
        "# A\n[good](#a) [good](../01_value/README.md#the-idea) [good](softmax.py#L3) [good](https://x.org/#no)\n"
        "[bad](#b)\n[bad](../01_value/README.md#no-such-anchor)\n",
        "utf-8",
    )
    assert dead_links(own_course) == [
        "exercises/03_softmax/README.md, line 3: README.md has no heading #b",
        "exercises/03_softmax/README.md, line 4: ../01_value/README.md has no heading #no-such-anchor",
    ]


def test_a_worked_example_is_no_leak(own_course: courses.Course) -> None:
    """What a lesson shows on purpose is named in course.toml; without that it is a leak."""
    lesson = own_course.root / "exercises" / "01_value"
    assert leaks(lesson, own_course, LEFT_BEHIND) == []
    manifest = own_course.root / "course.toml"
    manifest.write_text(manifest.read_text("utf-8").replace('worked = ["Value.__add__"]', "worked = []"), "utf-8")
    found = leaks(lesson, courses.load(own_course.root), LEFT_BEHIND)
    assert found
    assert all(leak.what.startswith("gives away the solution of 01_value/pure (") for leak in found)


def test_every_solution_has_something_to_give_away() -> None:
    """The search knows passages of each solution and of each hidden file that is longer than a few lines."""
    known = secrets(courses.load(ROOT))
    sources = {*known.pairs.values(), *known.runs.values()}
    assert "course.toml" in sources
    assert {f"the solution of {module.key}" for module in MODULES} <= sources
    hidden = {file.relative_to(ROOT).as_posix() for file in (ROOT / "tests" / "hidden").rglob("*.py")}
    assert hidden <= sources


def test_the_same_release_is_the_same_zip(tmp_path: Path) -> None:
    """Two releases of one course are equal byte for byte, and the zip holds what the folder holds."""
    course = courses.load(ROOT)
    for place in ("a", "b"):
        build(course, tmp_path / place / "release", zipped=True)
    zips = [tmp_path / place / "release.zip" for place in ("a", "b")]
    assert zips[0].read_bytes() == zips[1].read_bytes()
    with zipfile.ZipFile(zips[0]) as whole:
        held = {name: whole.read(name) for name in whole.namelist()}
    files = {file for file in (tmp_path / "a" / "release").rglob("*") if file.is_file()}
    assert held == {file.relative_to(tmp_path / "a").as_posix(): file.read_bytes() for file in files}


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """A folder with something in it is left alone; so is a zip. The command says what to do, and ends with 2."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "work.txt").write_text("mine")
    (tmp_path / "new.zip").write_text("mine")
    for arguments in ([str(tmp_path / "mine")], [str(tmp_path / "new"), "--zip"], [], [str(tmp_path / "x"), "--stubs"]):
        done = CliRunner().invoke(main, ["--course", str(ROOT), "release", *arguments])
        assert done.exit_code == 2, done.output
        assert "Traceback" not in done.output
    assert (tmp_path / "mine" / "work.txt").read_text() == (tmp_path / "new.zip").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine", "new.zip"]
