"""The output folder of a run: one JSON record per learner, written atomically, so that a run can go on where it ended.

Trusted side; imports errors and model.

    DIR/run.json               what this folder is for: the seed, the hash of the course, the selection
    DIR/records/<learner>.json
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from grader.errors import UserError
from grader.model import ModuleResult, Outcome, Record

FORMAT = 1
LONGEST_NAME = 200  # bytes; file systems take 255


def write_atomically(file: Path, text: str, durable: bool = True) -> None:
    """Either the old content or the whole new one is there, whenever the process is killed.

    `durable`: also when the machine stops. A record need not be: one that cannot be read is graded again.
    """
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=".writing-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as out:
            out.write(text)
            if durable:
                out.flush()
                os.fsync(out.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


class Store:
    """The records of one run. Use as `with open_store(...) as store`."""

    def __init__(self, folder: Path, settings: dict[str, Any]) -> None:
        self.folder = folder
        self.settings = settings

    @property
    def seed(self) -> int:
        return int(self.settings["seed"])

    def file(self, learner: str) -> Path:
        name = learner if len(learner.encode()) <= LONGEST_NAME else hashlib.sha256(learner.encode()).hexdigest()
        return self.folder / "records" / f"{name}.json"

    def save(self, record: Record) -> None:
        write_atomically(
            self.file(record.learner), json.dumps(record, default=vars, ensure_ascii=False) + "\n", durable=False
        )

    def load(self, learner: str) -> Record | None:
        """The learner's record, None when there is none that can be read."""
        try:
            data = json.loads(self.file(learner).read_text("utf-8"))
            data["modules"] = tuple(
                ModuleResult(m["step"], m["track"], tuple(Outcome(**outcome) for outcome in m["outcomes"]))
                for m in data["modules"]
            )
            data["notes"] = tuple(data["notes"])
            return Record(**data)
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def forget(self, learner: str) -> None:
        """Remove a record that does not hold any more."""
        self.file(learner).unlink(missing_ok=True)


@contextlib.contextmanager
def open_store(folder: Path, settings: dict[str, Any]) -> Iterator[Store]:
    """The run in `folder`, new or begun before with the same settings, locked against a second run.

    A seed of None means: the one that the run has, or a new random one. UserError: the folder is not ours, is in use,
    or cannot be written.
    """
    manifest = folder / "run.json"
    if folder.exists() and not folder.is_dir():
        raise UserError("is not a folder", where=str(folder), next_step="give another --out")
    try:
        if folder.is_dir() and not manifest.is_file() and any(folder.iterdir()):
            raise UserError(
                "is not empty and was not made by grader run: nothing in it is touched",
                where=str(folder),
                next_step="give a new or empty folder as --out",
            )
        (folder / "records").mkdir(parents=True, exist_ok=True)
        with (folder / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise UserError(
                    "another grader run is writing here",
                    where=str(folder),
                    next_step="wait for it, or give another --out",
                ) from None
            for leftover in (folder / "records").glob(".writing-*"):
                leftover.unlink()
            yield Store(folder, _settings(manifest, settings))
    except OSError as error:
        raise UserError(
            f"cannot be written: {error.strerror}",
            where=str(error.filename or folder),
            next_step="check rights and free space",
        ) from None


def _settings(manifest: Path, settings: dict[str, Any]) -> dict[str, Any]:
    """The settings of this run, written to run.json. The seed of an earlier run is kept unless another is asked for."""
    before: dict[str, Any] = {}
    if manifest.is_file():
        try:
            before = json.loads(manifest.read_text("utf-8"))
            before["seed"] = int(before["seed"])
        except (ValueError, KeyError, TypeError):
            raise UserError(
                "is not a run.json of grader run", where=str(manifest), next_step="give a new or empty folder as --out"
            ) from None
    now = {"format": FORMAT, **settings}
    if now["seed"] is None:
        now["seed"] = before.get("seed", secrets.randbits(32))
    if now != before:
        write_atomically(manifest, json.dumps(now, indent=1) + "\n")
    return now
