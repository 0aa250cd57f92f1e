"""How learning platforms name what they let an instructor download. Trusted side; data and patterns only.

Canvas:     lovelaceada_LATE_1234_5678_softmax.py           sortable name, lateness, user id, file id, file name;
            the name is missing and the id begins with anon_ where marking is anonymous (its lib/content_zipper.rb)
Moodle:     Ada Lovelace_1234_assignsubmission_file_/...    full name, participant number; a folder, or flat
            with the file name at the end (its mod/assign/locallib.php)
Gradescope: submission_1234/... beside submission_metadata.yml, which says whose it is and when it was handed in
Classroom:  gpt-ada/.git, gpt-bea/.git                      clones, named after assignment and account
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from grader.errors import UserError

CANVAS = re.compile(r"(?:(?P<name>.+?)_)??(?P<late>LATE_)?(?P<user>\d+|anon_[A-Za-z0-9]+)_\d+_(?P<file>.+)")
MOODLE = re.compile(r"(?P<name>.+?)_(?P<user>\d+)_assignsubmission_(?P<kind>[a-z]+)(?:_(?P<file>.*))?")
# Names and file names are the learners' own: one that holds what looks like the platform's numbers is told of.
TWO_WAYS = re.compile(r"\d+_.+|.*_\d+_assignsubmission_.*")
COPIES = re.compile(r"(?P<stem>.+?)(?:-\d+| \(\d+\))(?P<ending>\.\w+)")  # softmax-1.py, softmax (1).py
# What programs add to a name that is taken already. No module can be imported under such a name, so nobody chose it.
AGAIN = re.compile(
    r"(?: ?\(\d{1,3}\)"  # browsers, Windows, Moodle, Google Drive: softmax (1), softmax(1)
    r"|-\d{1,3}| \d{1,3}"  # Canvas, Safari: softmax-1; macOS: softmax 2
    r"|-copy\d{0,3}"  # Jupyter: softmax-Copy1
    r"| (?:- )?copy| \((?:another |\d+(?:st|nd|rd|th) )?copy\)"  # Windows, macOS, Gnome
    r")\Z",
    re.IGNORECASE,
)
COPY_OF = re.compile(r"copy of ", re.IGNORECASE)  # Google Drive and Colab
MOST_AGAIN = 3  # a copy of a copy, downloaded twice
ATTEMPT = re.compile(r"(?:attempt|try|v)?[-_ ]?(?P<number>\d{1,4})", re.IGNORECASE)
TIME = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)(?:[T _-](?P<hour>\d\d)[-:.]?(?P<minute>\d\d)(?:[-:.]?(?P<second>\d\d)(?:\.\d+)?)?)?"
    r"\s?(?P<zone>Z|UTC|GMT|[+-]\d\d:?\d\d|[A-Z]\w+/\w+)?"
)
NUMBERED = re.compile(r"(?:(?P<number>[0-9]{1,9})[-_ ]*)?(?P<name>.*)", re.DOTALL)  # 03_softmax, 3-softmax, softmax
METADATA = "submission_metadata.yml"
MOST_METADATA = 64 << 20  # bytes: results of all submissions are in it


@dataclass(frozen=True)
class Named:
    """What a name says: whose it is, under which other names that learner may be known, and what the file is called."""

    learner: str
    aliases: tuple[str, ...]
    file: str  # "": the part is a folder
    note: str = ""
    doubt: str = ""  # why an instructor should look at it


def moodle(name: str) -> Named | None:
    """A folder's or file's name as Moodle makes it; None: it is not."""
    found = MOODLE.fullmatch(name)
    if found is None:
        return None
    file = found["file"] or ""
    return Named(f"{found['name']}_{found['user']}", (found["user"], found["name"]), file, doubt=_doubt(file))


def canvas(name: str) -> Named | None:
    """A file's name as Canvas makes it; None: it is not."""
    found = CANVAS.fullmatch(name)
    if found is None:
        return None
    user, name = found["user"], found["name"] or ""
    note = "Canvas calls it late" if found["late"] else ""
    aliases = (user, *([name] if name else []))
    return Named(f"{name}_{user}" if name else user, aliases, found["file"], note, _doubt(found["file"]))


def _doubt(file: str) -> str:
    return "look whose it is: its name can be read in two ways" if TWO_WAYS.fullmatch(file) else ""


def original(name: str) -> str:
    """The name of a file without what a platform or browser adds when it is uploaded or downloaded again."""
    copy = COPIES.fullmatch(name)
    return f"{copy['stem']}{copy['ending']}" if copy else name


def uncopied(stem: str) -> str:
    """The name, without ending, of which this one is a copy's, as browsers, systems and Jupyter name copies."""
    for _ in range(MOST_AGAIN):
        bare = AGAIN.sub("", COPY_OF.sub("", stem, count=1) if COPY_OF.match(stem) else stem)
        if bare in ("", stem):
            break
        stem = bare
    return stem


def moment(text: str) -> datetime | None:
    """The time that a text is; None: it is none. One without an offset is taken as UTC."""
    found = TIME.fullmatch(text.strip())
    if found is None:
        return None
    zone = found["zone"] or "UTC"
    offset = dict.fromkeys(("Z", "UTC", "GMT"), "+00:00").get(zone, "" if "/" in zone else zone)
    clock = f"{found['hour'] or '00'}:{found['minute'] or '00'}:{found['second'] or '00'}"
    try:
        time = datetime.fromisoformat(f"{found['date']}T{clock}{offset}")
        return time.replace(tzinfo=ZoneInfo(zone)) if "/" in zone else time
    except (ValueError, ZoneInfoNotFoundError):  # the 31st of February; Atlantis/Capital
        return None


def step_of(name: str, steps: Iterable[str]) -> str | None:
    """The step that a folder or assignment of this name is about; None: none, or it may be several.

    Capitals may be other ones, and the number may be missing.
    """
    number, bare = _numbered(name)
    fitting = [step for step in steps if _numbered(step)[1] == bare and number in (None, _numbered(step)[0])]
    return name if name in fitting else fitting[0] if len(fitting) == 1 else None


def _numbered(name: str) -> tuple[int | None, str]:
    found = NUMBERED.fullmatch(name)
    assert found is not None
    return int(found["number"]) if found["number"] else None, found["name"].casefold()


def step_of_file(place: PurePosixPath, steps: Collection[str]) -> str | None:
    """The step that a file belongs to, by the folder around it or by its own name: 03_softmax/..., softmax_torch.py."""
    for folder in reversed(place.parts[:-1]):
        if step := step_of(folder, steps):
            return step
    stem = place.stem
    while stem:
        if step := step_of(stem, steps):
            return step
        stem = stem.rpartition("_")[0]  # without what tells the tracks apart
    return None


def attempt(name: str) -> tuple[int, datetime | None] | None:
    """Number and time of an attempt whose folder or archive has this name; None: it is not called after an attempt."""
    time = moment(name)
    if time is not None:
        return 0, time
    numbered = ATTEMPT.fullmatch(name)
    return (int(numbered["number"]), None) if numbered else None


def classroom_prefix(folder: Path, names: list[str]) -> str:
    """What the names of clones have in common: the assignment's name, with the hyphen."""
    slug = folder.name.removesuffix("-submissions")  # what `gh classroom clone student-repos` calls the folder
    if slug != folder.name and all(name.startswith(f"{slug}-") for name in names):
        return f"{slug}-"
    common = os.path.commonprefix(names) if len(names) > 1 else ""  # noqa: RUF071  # characters are meant
    return common[: common.rfind("-") + 1]


@dataclass(frozen=True)
class Submitter:
    """One learner of a Gradescope submission."""

    learner: str  # "": the list names nobody
    aliases: tuple[str, ...]
    submitted: datetime | None


def gradescope(folder: Path) -> dict[str, list[Submitter]]:
    """Who handed in each of Gradescope's folders. UserError: its list cannot be read."""
    file = folder / METADATA
    try:
        if file.stat().st_size > MOST_METADATA:
            raise ValueError(f"larger than {MOST_METADATA >> 20} MiB")
        listed = yaml.load(file.read_bytes(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        return {str(name): list(_submitters(entry)) for name, entry in listed.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError, yaml.YAMLError) as error:
        raise UserError(
            f"is not a list of submissions as Gradescope makes it ({type(error).__name__})",
            where=str(file),
            next_step="export the submissions again, or remove it: folders are then graded under their own names",
        ) from None


def _submitters(entry: dict[str, Any]) -> Iterable[Submitter]:
    when = entry.get(":created_at")
    submitted = moment(when) if isinstance(when, str) else when if isinstance(when, datetime) else None
    if submitted is not None and submitted.tzinfo is None:
        submitted = submitted.replace(tzinfo=UTC)
    people = entry[":submitters"] or []
    if not people:
        yield Submitter("", (), submitted)
    for person in people:
        known = [str(person[key]) for key in (":sid", ":email", ":name") if person.get(key)]
        if not known:
            raise ValueError("a submitter without a name")
        yield Submitter(known[0], tuple(known[1:]), submitted)
