"""The explore scripts: pictures of the learner's own code, as scripts. As cells test_notebooks_run.py runs them all."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys

import pytest
from notebooks import ROOT, solved

SCRIPTS = sorted((ROOT / "exercises").glob("[0-9]*/explore*.py"))
PREAMBLE = """\
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))

import pictures  # found through the line above

pictures.begin()
"""
PNG = b"\x89PNG"


def start(script, where):
    """The script as a learner runs it, from the folder `where`; a warning is an error."""
    command = [sys.executable, "-W", "error", script]
    return subprocess.run(command, cwd=where, capture_output=True, text=True, timeout=300, check=False)


def test_there_is_one_for_each_step_and_track():
    """Ten steps, two tracks."""
    assert len(SCRIPTS) == 20


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: f"{script.parent.name}/{script.name}")
def test_what_comes_before_the_first_cell_is_the_same_everywhere(script):
    """Before the cells, which the notebooks have too, a script only makes the modules importable."""
    before, _, cells = script.read_text("utf-8").partition("# %% [markdown]\n")
    assert before.split('"""', 2)[2].strip() == PREAMBLE.strip()
    assert cells.startswith("# ## Explore: ")


def test_every_picture_has_a_name_of_its_own_that_begins_with_its_step():
    """Pictures of all scripts can lie in one folder."""
    names = {}
    for script in SCRIPTS:
        for name in re.findall(r'pictures\.show\(\s*\w+,\s*f?"(\w+)', script.read_text("utf-8")):
            assert name.startswith(script.parent.name[:2]), name
            assert name not in names, f"{name}: {script} and {names[name]}"
            names[name] = script
    assert len(names) >= len(SCRIPTS)


@pytest.mark.parametrize("script", ["01_value/explore.py", "05_tokenizer/explore_torch.py"])
def test_it_saves_its_pictures(tmp_path, script):
    """Run as a script, it saves each picture and says where, with what is to be seen."""
    lab = solved(tmp_path)
    done = start(lab / script, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    saved = sorted((tmp_path / "my_gpt" / "pictures").iterdir())
    assert saved
    assert all(file.read_bytes().startswith(PNG) for file in saved)
    told = re.findall(r"^my_gpt/pictures/(\w+\.png): .{20,}", done.stdout, re.MULTILINE)
    assert sorted(told) == [file.name for file in saved]


def test_a_stub_is_named_in_one_line(tmp_path):
    """Where the step is not written yet, that is said, and no traceback."""
    lab = solved(tmp_path)
    shutil.copyfile(ROOT / "exercises/03_softmax/softmax.py", lab / "03_softmax/softmax.py")
    done = start(lab / "03_softmax" / "explore.py", tmp_path)
    assert done.returncode == 1
    assert done.stderr == "not yet: 03_softmax: write softmax() in softmax.py\n"
