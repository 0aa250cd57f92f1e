"""The learner's side on another system: Python does not have what only Linux and macOS have, and the pure track is run.

It is hidden by a `sitecustomize`, so from every process of the learner's side: from pytest, from the pytest that asks
about earlier steps, from training. PyTorch is not tried so: it may itself use what is there.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from notebooks import solved

# Modules and names that Python for Windows does not have, by docs.python.org ("Availability: Unix"). Left alone are
# those that Python's own modules (subprocess, ctypes, tempfile) or pytest need where os.name is "posix".
HIDE = """
import os, signal, sys

MODULES = {"crypt", "curses", "fcntl", "grp", "nis", "pty", "pwd"}
MODULES |= {"readline", "resource", "spwd", "syslog", "termios", "tty"}


class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name in MODULES:
            raise ModuleNotFoundError(f"No module named {name!r} (hidden by the test)", name=name)


for name in MODULES:
    sys.modules.pop(name, None)
sys.meta_path.insert(0, Hidden())
for name in ("fork", "forkpty", "getpgid", "killpg", "mkfifo", "nice", "setsid", "wait", "waitid"):
    delattr(os, name)
for name in ("SIGALRM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "alarm", "pause", "setitimer", "sigwait"):
    delattr(signal, name)
"""


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A learner's folder with everything done, beside a folder `hide` for PYTHONPATH."""
    (tmp_path / "hide").mkdir()
    (tmp_path / "hide" / "sitecustomize.py").write_text(HIDE)
    return solved(tmp_path)


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(folder.parent / "hide"), "NO_COLOR": "1"}
    line = [sys.executable, *words]
    return subprocess.run(line, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)


def test_what_is_hidden_is_missing(elsewhere: Path) -> None:
    """The positive control: code that is of one system fails here."""
    for code, says in (
        ("import fcntl", "No module named 'fcntl'"),
        ("import resource", "No module named 'resource'"),
        ("import os; os.fork()", "has no attribute 'fork'"),
        ("import signal; signal.alarm(1)", "has no attribute 'alarm'"),
        ("import subprocess, sys; subprocess.run([sys.executable, '-P', '-c', 'import pwd'], check=True)", "'pwd'"),
    ):
        done = run(elsewhere, "-c", code)
        assert (done.returncode, says in done.stderr) == (1, True), (code, done.stderr)


def test_all_steps_of_the_pure_track(elsewhere: Path) -> None:
    """All tests pass, and a step that fails is asked about by a second process."""
    tests = [str(file) for file in sorted(elsewhere.glob("[0-9]*/test_*.py")) if not file.stem.endswith("_torch")]
    assert len(tests) == 10
    done = run(elsewhere, "-m", "pytest", "-p", "no:cacheprovider", "-q", *tests)
    assert done.returncode == 0, done.stdout + done.stderr
    value = elsewhere / "01_value" / "value.py"
    value.write_text(value.read_text().replace("result = math.exp(self.data)", "result = math.exp(self.data) + 1", 1))
    done = run(elsewhere, "-m", "pytest", "-p", "no:cacheprovider", "-q", "03_softmax/test_softmax.py")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "01_value's own tests fail too" in done.stdout, done.stdout + done.stderr


def test_the_learners_gpt(elsewhere: Path) -> None:
    """It is trained, invents names, and becomes one file; `status` finds all steps done."""
    for words, says in (
        (["train", "--steps", "3"], "next: python microgpt.py sample"),
        (["sample", "-n", "2"], "of 2 are not in the list"),
        (["assemble", "--pure"], "microgpt_simple.py"),
        (["status", "--pure"], "Next: all steps are done."),
    ):
        done = run(elsewhere, "microgpt.py", *words)
        assert (done.returncode, says in done.stdout + done.stderr) == (0, True), (words, done.stdout, done.stderr)
