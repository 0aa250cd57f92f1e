"""The output folder of a run: one JSON record per learner, written atomically, so that a run can go on where it ended.

Trusted side; imports errors and model.

    DIR/run.json               what this folder is for: the seed, the title of the course, the selection
    DIR/class.json             who is in the class, who handed in what and when, who could not be graded
    DIR/records/<learner>.json "<learner>, <attempt>.json" where there are several
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import hashlib
import itertools
import json
import os
import secrets
import sys
import tempfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from grader.errors import UserError
from grader.model import ClassList, HandIn, ModuleResult, Outcome, Person, Record, Submitted

FORMAT = 1
CLASS = "class.json"
LONGEST_NAME = 200  # bytes; file systems take 255
UNFINISHED = ".writing-"  # how the name of a file begins that is not yet whole


@contextlib.contextmanager
def _touching(file: Path) -> Iterator[None]:
    """UserError in place of an OSError raised inside, where nothing but the store's own `file` is touched."""
    try:
        yield
    except OSError as error:
        remedy = "move it away" if isinstance(error, IsADirectoryError) else "check rights and free space"
        raise UserError(
            f"cannot be written: {error.strerror or error}",
            where=str(file),
            next_step=f"{remedy}; the same command then goes on from here",
        ) from None


def write_atomically(file: Path, text: str | Iterable[str], durable: bool = True) -> None:
    """Either the old content or the whole new one is there, whenever the process is killed.

    A long text may come in pieces.
    `durable`: also when the machine stops. A record need not be: one that cannot be read is graded again.
    UserError: it cannot be written.
    """
    with _touching(file):
        descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=UNFINISHED)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as out:
                out.writelines([text] if isinstance(text, str) else text)
                if durable:
                    out.flush()
                    os.fsync(out.fileno())
            Path(name).chmod(0o644)
            Path(name).replace(file)
        except BaseException:
            with contextlib.suppress(OSError):  # what went wrong first is what is told; the next run removes it
                Path(name).unlink()
            raise


def make_folder(folder: Path) -> None:
    """Make a folder where there is none. UserError: it cannot be made, or something else has its name."""
    if folder.exists() and not folder.is_dir():
        raise UserError("is not a folder", where=str(folder), next_step="move it away, or give another --out")
    with _touching(folder):
        folder.mkdir(parents=True, exist_ok=True)


class Store:
    """The records of one run. Use as `with open_store(...) as store`."""

    def __init__(self, folder: Path, settings: dict[str, Any]) -> None:
        self.folder = folder
        self.settings = settings

    @property
    def seed(self) -> int:
        return int(self.settings["seed"])

    def file(self, learner: str, attempt: str = "") -> Path:
        label = f"{learner}, {attempt}" if attempt else learner
        name = label if len(label.encode()) <= LONGEST_NAME else hashlib.sha256(label.encode()).hexdigest()
        return self.folder / "records" / f"{name}.json"

    def save(self, record: Record) -> None:
        text = json.dumps(record, default=vars, ensure_ascii=False) + "\n"
        write_atomically(self.file(record.learner, record.attempt), text, durable=False)

    def load(self, learner: str, attempt: str = "") -> Record | None:
        """The record of a learner's attempt, None when there is none that can be read."""
        try:
            data = json.loads(self.file(learner, attempt).read_text("utf-8"))
            record = _record(data)
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None
        return record if (record.learner, record.attempt) == (learner, attempt) else None

    def forget(self, learner: str, attempt: str = "") -> bool:
        """Remove a record that does not hold any more. Was there one? UserError: it cannot be removed."""
        file = self.file(learner, attempt)
        with _touching(file), contextlib.suppress(FileNotFoundError):
            file.unlink()
            return True
        return False

    def save_class(self, class_list: ClassList) -> None:
        pieces = json.JSONEncoder(default=_plain, ensure_ascii=False, indent=1).iterencode(class_list)
        write_atomically(self.folder / CLASS, itertools.chain(pieces, "\n"))

    def load_class(self) -> ClassList | None:
        """Who is in the class. None: nobody has been graded yet, or it cannot be read and is found out anew."""
        try:
            data = json.loads((self.folder / CLASS).read_text("utf-8"))
            roster = None if data["roster"] is None else tuple(Person(**person) for person in data["roster"])
            hand_ins = tuple(_hand_in(one) for one in data["hand_ins"])
            times = tuple(
                Submitted(**one | {"time": datetime.fromisoformat(one["time"])}) for one in data.get("times", ())
            )
            return ClassList(hand_ins, roster, dict(data["refused"]), tuple(data["notes"]), times)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None


def _record(data: dict[str, Any]) -> Record:
    """ValueError, KeyError, TypeError: the data are not those of a record."""
    if not isinstance(data["hashes"], dict) or not isinstance(data["sandbox"], dict):
        raise TypeError("hashes and sandbox are tables")
    data["modules"] = tuple(
        ModuleResult(sys.intern(m["step"]), sys.intern(m["track"]), tuple(_outcome(**each) for each in m["outcomes"]))
        for m in data["modules"]
    )
    data["notes"], data["flags"] = tuple(data["notes"]), tuple(data["flags"])
    return Record(**data)


@functools.lru_cache(maxsize=10_000)
def _outcome(**fields: Any) -> Outcome:
    """One object for the learners with this outcome, and one text for all outcomes with it: an export holds a class."""
    shared: dict[str, Any] = {n: sys.intern(part) if isinstance(part, str) else part for n, part in fields.items()}
    return Outcome(**shared)


def _hand_in(data: dict[str, Any]) -> HandIn:
    times = {step: datetime.fromisoformat(time) for step, time in data["times"].items()}
    notes, aliases = tuple(data["notes"]), tuple(data["aliases"])
    return HandIn(data["learner"], (), data["attempt"], times, notes, aliases, str(data.get("problem", "")))


def _plain(value: Any) -> Any:
    """What json cannot write by itself: times, and the frozen nouns. Of a hand-in's parts nothing is kept."""
    if isinstance(value, datetime):
        return value.isoformat()
    return {key: part for key, part in vars(value).items() if key != "parts"}


@contextlib.contextmanager
def open_store(folder: Path, settings: dict[str, Any]) -> Iterator[Store]:
    """The run in `folder`, new or begun before with the same settings, locked against a second run.

    A seed of None means: the one that the run has, or a new random one. UserError: the folder is not ours, is in use,
    or cannot be written. What the caller's block raises is not touched: it need not have to do with the store.
    """
    with _touching(folder):
        _require_ours(folder)
    for part in (folder, folder / "records"):
        with _touching(part):
            part.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        with _touching(folder / ".lock"):
            _lock(stack.enter_context((folder / ".lock").open("w")), folder)
        for leftover in (*folder.glob(f"{UNFINISHED}*"), *folder.glob(f"*/{UNFINISHED}*")):
            with _touching(leftover):
                leftover.unlink()
        yield Store(folder, _settings(folder / "run.json", settings))


@contextlib.contextmanager
def reopen(folder: Path) -> Iterator[Store]:
    """A run that has been begun, locked. UserError: there is none, or it is in use."""
    if not (folder / "run.json").is_file():
        raise UserError(
            "holds no results of grader run", where=str(folder), next_step="give the folder that was its --out"
        )
    with contextlib.ExitStack() as stack:
        with _touching(folder / ".lock"):
            _lock(stack.enter_context((folder / ".lock").open("w")), folder)
        yield Store(folder, _before(folder / "run.json"))


def _require_ours(folder: Path) -> None:
    """UserError: something else is in `folder` than a run, whole or stopped before its run.json was written."""
    records = folder / "records"
    begun = (folder / "run.json").is_file()
    for part in [folder, records] if begun else [folder]:
        if part.exists() and not part.is_dir():
            raise UserError("is not a folder", where=str(part), next_step="move it away, or give another --out")
    if begun or not folder.exists():
        return
    folders = [folder, records] if records.is_dir() else [folder]
    ours = [folder / ".lock", *folders]
    if all(file in ours or file.name.startswith(UNFINISHED) for part in folders for file in part.iterdir()):
        return
    raise UserError(
        "is not empty and was not made by grader run: nothing in it is touched",
        where=str(folder),
        next_step="give a new or empty folder as --out",
    )


def _lock(file: TextIO, folder: Path) -> None:
    """Keep other runs out until `file` is closed. UserError: another run is here."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise UserError(
            "another grader run is writing here", where=str(folder), next_step="wait for it, or give another --out"
        ) from None


def _settings(manifest: Path, settings: dict[str, Any]) -> dict[str, Any]:
    """The settings of this run, written to run.json. The seed of an earlier run is kept unless another is asked for."""
    before = _before(manifest) if manifest.is_file() else {}
    now = {"format": FORMAT, **settings}
    if now["seed"] is None:
        now["seed"] = before.get("seed", secrets.randbits(32))
    if now != before:
        write_atomically(manifest, json.dumps(now, indent=1) + "\n")
    return now


def _before(manifest: Path) -> dict[str, Any]:
    """The settings that a run.json holds. UserError: they cannot be read."""
    try:
        with _touching(manifest):
            before: dict[str, Any] = json.loads(manifest.read_text("utf-8"))
        before["seed"] = int(before["seed"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise UserError(
            "is not a run.json of grader run", where=str(manifest), next_step="give a new or empty folder as --out"
        ) from None
    return before
