"""A shallow stack for probes: recursion that a long chain would break must break in a short one as well.

Untrusted side: runs in the worker. Probes import it before any learner module, so that `from sys import
setrecursionlimit` in learner code gets the stand-in that is put there below. Imports the standard library only.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

_change = sys.setrecursionlimit
_held = [False]


def _stand_in(limit: int) -> None:
    """sys.setrecursionlimit, which does nothing while a stack is held shallow."""
    if not _held[0]:
        _change(limit)


sys.setrecursionlimit = _stand_in


@contextmanager
def shallow_stack(frames: int = 200) -> Iterator[None]:
    """Inside, about `frames` more calls can be open at once, and learner code cannot raise that limit."""
    before = sys.getrecursionlimit()
    depth, frame = 0, sys._getframe()
    while frame is not None:
        depth, frame = depth + 1, frame.f_back
    _change(depth + frames)
    _held[0] = True
    try:
        yield
    finally:
        _held[0] = False
        _change(before)
