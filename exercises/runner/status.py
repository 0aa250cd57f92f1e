"""Where the learner is: all public tests are run, and of what pytest says the map and the next command are shown.

Used by microgpt.py. May import the standard library; needs pytest, in a process of its own.
"""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

from runner.modules import Problem

MAP = re.compile(r"^(\x1b\[[\d;]*m)*=+ progress =+", re.MULTILINE)
COUNTS = re.compile(r"^(\x1b\[[\d;]*m)*=*[^\n]* in \d[\d.]*s\b[^\n]*\n?\Z", re.MULTILINE)  # 3 failed, 4 passed in 0.21s


def status(folder: Path, torch: bool, pure: bool, color: bool) -> str:
    """The map of steps and tracks, and the next command.

    Problem: pytest is missing, or has stopped before the map, as it does where a file cannot be collected.
    """
    if importlib.util.find_spec("pytest") is None:
        raise Problem("pytest is not installed", "pip install pytest")
    files = [str(file) for file in sorted(folder.glob("[0-9][0-9]_*/test_*.py"))]
    wanted = [
        file for file in files if (torch or not file.endswith("_torch.py")) and (pure or file.endswith("_torch.py"))
    ]
    options = ["-q", "--no-header", "-p", "no:cacheprovider", "-o", "addopts="]
    environment = {name: text for name, text in os.environ.items() if name != "PYTEST_ADDOPTS"}
    done = subprocess.run(
        [sys.executable, "-P", "-m", "pytest", *options, f"--color={'yes' if color else 'no'}", *wanted],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    found = list(MAP.finditer(done.stdout))
    if not found:
        raise Problem(f"the tests do not run:\n{done.stdout.strip()}", f"pytest {os.path.relpath(folder)}")
    return COUNTS.sub("", done.stdout[found[-1].start() :]).rstrip()
