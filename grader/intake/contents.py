"""What is in a hand-in that holds no file that is asked for: whoever looks at its 0 points wants to know. Trusted side.

Names alone are looked at, and nothing is opened but archives.
"""

from __future__ import annotations

from collections.abc import Iterator

from grader.errors import UserError
from grader.intake import archives, tree
from grader.intake.tree import Notes
from grader.model import HandIn

MOST_NAMES = 5


def say(hand_in: HandIn, notes: Notes) -> None:
    """Note it, where no other note says what was left out."""
    if any(note.startswith(tree.LEFT_OUT) for note in notes.lines):
        return
    names = list(_names(hand_in))
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    found = f"it has no file that is asked for, but {', '.join(names[:MOST_NAMES])}{more}"
    notes.add(found if names else "it holds nothing")


def _names(hand_in: HandIn) -> Iterator[str]:
    for name, path in hand_in.parts:
        if name and not path.is_dir():
            yield name
            continue
        walk = tree.walk if path.is_dir() else archives.walk
        try:
            yield from [str(entry.path) for entry in walk(path, lambda name: True, Notes())]
        except UserError:  # it has been walked before, so it has just gone
            return
