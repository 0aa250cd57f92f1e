"""Where the learner is: all public tests are run, and of what pytest says the map and the next command are shown.

Used by microgpt.py. May import the standard library; needs pytest, in a process of its own.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

from runner.modules import Problem, short


def status(folder: Path, torch: bool, pure: bool) -> str:
    """The map of steps and tracks, and the next command.

    Problem: pytest is missing, or has stopped before the map, as it does where a test file has a syntax error.
    """
    if importlib.util.find_spec("pytest") is None:
        raise Problem("pytest is not installed", "pip install pytest")
    files = [str(file) for file in sorted(folder.glob("[0-9][0-9]_*/test_*.py"))]
    wanted = [file for file in files if (torch if file.endswith("_torch.py") else pure)]
    options = ["-q", "--no-header", "--color=no", "-p", "no:cacheprovider", "-o", "addopts="]
    done = subprocess.run(
        [sys.executable, "-P", "-m", "pytest", *options, *wanted],
        env={name: text for name, text in os.environ.items() if name != "PYTEST_ADDOPTS"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    _, found, rest = done.stdout.rpartition("= progress =")
    if not found:
        raise Problem(f"the tests do not run:\n{done.stdout.strip()}", f"pytest {short(folder)}")
    return "\n".join(rest.splitlines()[1:-1])  # after the heading, without pytest's own counts at the end
