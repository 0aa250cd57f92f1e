"""The public tests of the steps: whether they pass, the map of them alone, and all over again at each save.

Used by microgpt.py. May import the standard library, and watchfiles where it is installed; needs pytest, in a process
of its own.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from runner.modules import Problem, short

NONE_RUN = 5  # pytest's exit code for it: all were skipped


def run(files: list[Path], *options: str, **how: Any) -> subprocess.CompletedProcess:
    """pytest on these test files, by the course's rules alone. Problem: it is not installed."""
    if importlib.util.find_spec("pytest") is None:
        raise Problem("pytest is not installed", "pip install pytest")
    return subprocess.run(
        [sys.executable, "-P", "-m", "pytest", "-p", "no:cacheprovider", "-o", "addopts=", *options, *map(str, files)],
        env={name: text for name, text in os.environ.items() if name != "PYTEST_ADDOPTS"},
        stdin=subprocess.DEVNULL,
        encoding="utf-8",
        errors="replace",
        **how,
    )


def passes(tests: Path) -> bool:
    """Whether every test in the file does. Problem: they cannot run, for want of pytest or PyTorch."""
    done = run([tests], "-q", stdout=subprocess.PIPE)  # standard error is shown: a loop that does not end is told there
    if done.returncode == NONE_RUN and tests.stem.endswith("_torch"):
        raise Problem("PyTorch is not installed", 'pip install "torch>=2.6,<2.14"')
    return done.returncode == 0


def status(folder: Path, torch: bool, pure: bool) -> str:
    """The map of steps and tracks, and the next command.

    Problem: pytest is missing, or has stopped before the map, as it does where a test file has a syntax error.
    """
    files = sorted(folder.glob("[0-9][0-9]_*/test_*.py"))
    wanted = [file for file in files if (torch if file.stem.endswith("_torch") else pure)]
    done = run(wanted, "-q", "--no-header", "--color=no", stdout=subprocess.PIPE)
    _, found, rest = done.stdout.rpartition("= progress =")
    if not found:
        raise Problem(f"the tests do not run:\n{done.stdout.strip()}", f"pytest {short(folder)}")
    return "\n".join(rest.splitlines()[1:-1])  # after the heading, without pytest's own counts at the end


def watch(folder: Path, tests: Path) -> None:
    """Run a test file, and again whenever a Python file of any step is saved, until Ctrl-C.

    Problem: watchfiles or pytest is missing.
    """
    try:
        import watchfiles
    except ImportError:
        raise Problem("watchfiles is not installed", "pip install watchfiles") from None
    steps = sorted(folder.glob("[0-9][0-9]_*"))
    python = watchfiles.PythonFilter()
    # The first word comes when nothing has changed for 200 ms: from then on no save is missed, also while tests run.
    words = watchfiles.watch(*steps, watch_filter=python, rust_timeout=200, yield_on_timeout=True)
    try:
        for number, changes in enumerate(words):
            if number and not changes:
                continue
            saved = ", ".join(sorted({Path(file).name for _, file in changes}))
            print(f"\n{time.strftime('%H:%M:%S')} {saved} saved" if saved else "", flush=True)
            run([tests], "-q")
            print("waiting for a file to be saved; Ctrl-C ends", flush=True)
    except KeyboardInterrupt:
        print()
