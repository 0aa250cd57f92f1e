"""A folder of hand-ins that is watched: what arrives is graded when it has stopped changing.

It is looked at again and again, since a folder that is shared over a network, where hand-ins often arrive, tells nobody
of changes. What has been graded is known by its records, so that a watch can end and begin at any time.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from grader.model import HandIn

LOOK_SECONDS = 2.0  # between two looks, at least
SHARE = 0.1  # of the time, at most, is spent on looking
NAP_SECONDS = 0.1  # between two looks at whether to stop

Signature = tuple[int, int, int]


def signatures(folder: Path, without: Path) -> Iterator[tuple[Path, Signature]]:
    """Every file below `folder`, but for what is in `without`, with what changes when it does."""
    for place, folders, files in os.walk(folder):
        here = Path(place)
        folders[:] = [name for name in folders if here / name != without]
        for name in files:
            try:
                found = (here / name).lstat()
            except OSError:  # gone in between
                continue
            yield here / name, (found.st_ino, found.st_size, found.st_mtime_ns)


def above(paths: Iterable[Path]) -> set[Path]:
    """These paths and all that they lie in."""
    return {place for path in paths for place in (path, *path.parents)}


class Eye:
    """What in a folder has changed since it was graded, and what of that still changes."""

    def __init__(self, folder: Path, results: Path) -> None:
        self.folder = folder
        self.results = results
        self.seen: dict[Path, Signature] = {}
        self.changed: set[Path] = set()  # since it was graded
        self.moving: set[Path] = set()  # between the last two looks
        self.cost = 0.0  # seconds for a look

    def look(self) -> bool:
        """Look once. True: something has changed, and stays as it is now."""
        started = time.monotonic()
        now = dict(signatures(self.folder, self.results))
        self.moving = {path for path, _ in now.items() ^ self.seen.items()}
        self.changed |= self.moving
        self.seen = now
        self.cost = time.monotonic() - started
        return bool(self.changed - self.moving)

    def wait(self, stop: Callable[[], bool]) -> None:
        """Until it is time for the next look, or to stop."""
        deadline = time.monotonic() + max(LOOK_SECONDS, self.cost / SHARE)
        while not stop() and (left := deadline - time.monotonic()) > 0:
            time.sleep(min(left, NAP_SECONDS))

    def learners(self, hand_ins: Iterable[HandIn]) -> set[str]:
        """Whose hand-ins are to be graded now; the others' changes stay to be done.

        Where something has changed that belongs to nobody, or that is gone, everybody is looked at again.
        """
        at_rest, still_moving = above(self.changed - self.moving), above(self.moving)
        parts: dict[str, set[Path]] = {}
        for one in hand_ins:
            parts.setdefault(one.learner, set()).update(path for _, path in one.parts)
        known = set[Path]().union(*parts.values())
        nobodys = any(known.isdisjoint((path, *path.parents)) for path in self.changed - self.moving)
        moving = {learner for learner, paths in parts.items() if paths & still_moving}
        left = set[Path]().union(*(parts[learner] for learner in moving))
        self.changed = {p for p in self.changed if p in self.moving or not left.isdisjoint((p, *p.parents))}
        return {learner for learner, paths in parts.items() if nobodys or paths & at_rest} - moving
