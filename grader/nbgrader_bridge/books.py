"""An nbgrader course's folder and its gradebook: found, opened, and written in transactions that others can live with.

Trusted side; the process of a `grader nbgrader` command. Imports errors; nbgrader, SQLAlchemy and traitlets only when
a gradebook is asked for, since nbgrader is an optional dependency.
"""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from grader.errors import UserError

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

CONFIG = "nbgrader_config.py"
PATIENCE = 30.0  # seconds to wait for a database that somebody else is writing; nbgrader itself waits 5
PAUSE = 0.05  # seconds between two transactions on SQLite, which has no queue: others find it free when they look
TRIES = 3  # of a transaction that met another one's new row; the second try finds that row
Answer = TypeVar("Answer")
OTHER_SCHEMA = re.compile(r"no such (column|table)|no column named|(column|relation) .* does not exist")


@dataclass(frozen=True)
class CourseFolder:
    """An nbgrader course as its own configuration describes it."""

    root: Path
    course_id: str
    url: str
    directory: Any  # nbgrader's CourseDirectory: it knows how folders are called

    def place(self, stage: str, learner: str, step: str) -> Path:
        """The folder of `submitted`, `autograded`, `release`... for a learner ("." for nobody) and a step."""
        folder = getattr(self.directory, f"{stage}_directory")
        return Path(self.directory.format_path(folder, learner, step))


def require() -> None:
    """UserError: nbgrader is not installed."""
    try:
        import nbgrader.api  # noqa: F401  # only whether it is there
    except ImportError as error:
        raise UserError(
            f"{error.name} is not installed, and gradebooks are written with it",
            next_step="pip install -e '.[nbgrader]' in the course's folder",
        ) from None


def find(folder: Path, db: str | None = None) -> CourseFolder:
    """The course in `folder`, with the gradebook at `db` where that is given.

    Its nbgrader_config.py is executed, as nbgrader does: it is the instructor's. UserError: there is none, or it fails.
    """
    require()
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config.loader import PyFileConfigLoader

    file = folder / CONFIG
    if not file.is_file():
        raise UserError(
            f"is not an nbgrader course: there is no {CONFIG} in it",
            where=str(folder),
            next_step="name the folder that `grader nbgrader init` has made: --course DIR",
        )
    try:
        config = PyFileConfigLoader(file.name, str(file.parent.resolve())).load_config()
        directory = CourseDirectory(config=config, root=str(folder.resolve()))
        url = absolute(db) if db is not None else directory.db_url
    except Exception as error:
        raise UserError(
            f"fails: {type(error).__name__}: {error}", where=str(file), next_step="mend it; nbgrader reads it too"
        ) from error
    return CourseFolder(folder.resolve(), directory.course_id or "default_course", url, directory)


def parsed(url: str) -> URL:
    """UserError: it is no database URL, or its driver is not installed."""
    import sqlalchemy
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError

    try:
        return sqlalchemy.make_url(url)
    except (ArgumentError, NoSuchModuleError, ValueError):
        raise UserError(
            "is not the URL of a database",
            where=url if "@" not in url else "--db",  # there may be a password in it
            next_step="write it as sqlite:////home/me/gradebook.db or postgresql://user:password@host/name",
        ) from None


def absolute(url: str) -> str:
    """The URL with the path of an SQLite file in full, since nbgrader runs in other folders than this command."""
    found = parsed(url)
    if not is_sqlite(found) or not found.database or found.database.startswith("file:"):
        return url
    return found.set(database=str(Path(found.database).resolve())).render_as_string(hide_password=False)


def is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def named(url: str) -> str:
    """The gradebook as people know it: without its password."""
    found = parsed(url)
    if is_sqlite(found) and found.database:
        return found.database
    return found.render_as_string(hide_password=True)


def naive_utc(moment: datetime | None) -> datetime | None:
    """A time as nbgrader keeps it: in UTC, without an offset."""
    return None if moment is None else moment.astimezone(UTC).replace(tzinfo=None)


@contextlib.contextmanager
def create(folder: CourseFolder) -> Iterator[Any]:
    """The gradebook, new where there is none. UserError: it cannot be made or reached."""
    with told(folder.url), _with_alembic():
        book = _book(folder)
    try:
        yield book
    finally:
        book.close()


@contextlib.contextmanager
def opened(folder: CourseFolder) -> Iterator[Any]:
    """The gradebook, which must be there. UserError: it is not, or it is none."""
    with told(folder.url):
        _require_there(folder)
        book = _book(folder)
    try:
        yield book
    finally:
        book.close()


def _require_there(folder: CourseFolder) -> None:
    """UserError: no gradebook is there. nbgrader would make an empty one."""
    import sqlalchemy

    url = parsed(folder.url)
    absent = UserError(
        "there is no gradebook",
        where=named(folder.url),
        next_step="`nbgrader generate_assignment NN_STEP` in the course's folder makes one; another is named by --db",
    )
    if is_sqlite(url) and url.database and not url.database.startswith("file:") and not Path(url.database).is_file():
        raise absent
    engine = sqlalchemy.create_engine(_patient(url))
    try:
        tables = sqlalchemy.inspect(engine).get_table_names()
    finally:
        engine.dispose()
    if "submitted_assignment" not in tables:
        raise absent


def _book(folder: CourseFolder) -> Any:
    """nbgrader's Gradebook, whose transactions on SQLite begin by taking the right to write.

    A transaction that reads first and takes it later fails at once, whatever the patience, where another has written
    in between. The driver's own way to begin transactions knows only that one.
    """
    from nbgrader.api import Gradebook
    from sqlalchemy import event

    url = parsed(folder.url)
    book = Gradebook(_patient(url).render_as_string(hide_password=False), folder.course_id)
    if is_sqlite(url):
        book.close()
        event.listen(book.engine, "connect", _no_implicit_transactions)
        event.listen(book.engine, "begin", _begin_to_write)
    return book


def _patient(url: URL) -> URL:
    return url.update_query_dict({"timeout": str(PATIENCE)}) if is_sqlite(url) else url


def _no_implicit_transactions(connection: sqlite3.Connection, record: object) -> None:
    connection.isolation_level = None


def _begin_to_write(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextlib.contextmanager
def _with_alembic() -> Iterator[None]:
    """nbgrader starts `alembic` by its name when it makes a gradebook: it is beside this interpreter."""
    before = os.environ.get("PATH", "")
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), before])
    try:
        yield
    finally:
        os.environ["PATH"] = before


def write(book: Any, work: Callable[[], Answer]) -> Answer:
    """Do `work` with the gradebook as one transaction: all of it is there afterwards, or nothing.

    nbgrader's own methods commit after each step. Here a session's commit ends a savepoint only, and what ends the
    transaction is the end of `work` (SQLAlchemy: joining a session into an external transaction).
    UserError: the gradebook stays locked, or cannot be written.
    """
    from nbgrader.api import InvalidEntry
    from sqlalchemy.exc import IntegrityError

    url = book.engine.url.render_as_string(hide_password=False)
    for left in range(TRIES - 1, -1, -1):
        try:
            with told(url), _without_tracebacks(), _transaction(book):
                return work()
        except (IntegrityError, InvalidEntry):  # another process has added the same row in the meantime
            if not left:
                raise
    raise AssertionError("not reached")


def pause(book: Any) -> None:
    """Let others have the gradebook. nbgrader gives up after 5 s in which each look has found it locked."""
    if is_sqlite(book.engine.url):
        time.sleep(PAUSE)


@contextlib.contextmanager
def _without_tracebacks() -> Iterator[None]:
    """nbgrader logs the traceback of each error of the database that it then raises."""
    from tornado.log import app_log

    before, app_log.disabled = app_log.disabled, True
    try:
        yield
    finally:
        app_log.disabled = before


@contextlib.contextmanager
def _transaction(book: Any) -> Iterator[None]:
    book.db.remove()
    try:
        with book.engine.begin() as connection:
            book.db.configure(bind=connection, join_transaction_mode="create_savepoint")
            yield
            book.db.commit()  # of the last savepoint: closing the session would take it back
            book.db.remove()
    finally:
        book.db.remove()
        book.db.configure(bind=book.engine, join_transaction_mode="conditional_savepoint")


@contextlib.contextmanager
def told(url: str) -> Iterator[None]:
    """UserError in place of what a database says when it cannot be reached, read or written.

    nbgrader raises InvalidEntry for whatever happens when it commits. What is left of both are rows that exist already.
    """
    from nbgrader.api import InvalidEntry
    from sqlalchemy.exc import DBAPIError, IntegrityError

    try:
        yield
    except (DBAPIError, InvalidEntry) as error:
        cause = error.__context__ if isinstance(error, InvalidEntry) else error
        if not isinstance(cause, DBAPIError) or isinstance(cause, IntegrityError):
            raise
        raise _explained(cause, named(url)) from error
    except ModuleNotFoundError as error:
        raise UserError(
            f"needs the Python package {error.name}, which is not installed",
            where=named(url),
            next_step=f"pip install {error.name}",
        ) from None


def _explained(error: Exception, where: str) -> UserError:
    """What it means for the person at the terminal that a database says this."""
    said = str(getattr(error, "orig", None) or error).strip().split("\n")[0]
    if "locked" in said or "deadlock" in said:
        return UserError(
            f"another program has been writing there for {PATIENCE:g} s ({said})",
            where=where,
            next_step="wait for it (nbgrader, formgrader, another push); the same command then goes on from here",
        )
    if OTHER_SCHEMA.search(said):
        return UserError(
            f"was made by another version of nbgrader, or is no gradebook ({said})",
            where=where,
            next_step="keep a copy of it, then run `nbgrader db upgrade` in the course's folder",
        )
    return UserError(
        f"cannot be used as a gradebook: {said}", where=where, next_step="check the file or the server, and --db"
    )
