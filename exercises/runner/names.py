"""The lists of names: the bundled one, and the full one, which is fetched once and checked.

Used by microgpt.py. May import the standard library; pooch (the download) and rich (the bar) when they are needed.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from runner.modules import Problem, typed

BUNDLED = Path(__file__).resolve().parent.parent / "data" / "names.txt"
URL = "https://raw.githubusercontent.com/karpathy/makemore/988aa59/names.txt"
SHA256 = "0a30b5557f192f32ab962680889aac5f6fda0f4cecf40a6d0b5694f58ea8cc4d"
SIZE = 228_145  # bytes; 32,033 names


def find(choice: str | None) -> Path:
    """The list that `--names` chose: a file, "full" for the one that `data` fetched, None for the bundled one."""
    if choice is None:
        return BUNDLED
    if choice == "full":
        path = cached()
        if not path.is_file():
            raise Problem("the full list is not here yet", typed("data"))
        return path
    path = Path(choice)
    if not path.is_file():
        raise Problem(f"there is no file {path}", "give --names a file with one name a line, or leave it out")
    return path


def cached() -> Path:
    """Where the full list is kept: in the user's own cache folder."""
    return Path(_pooch().os_cache("microgpt-course")) / "names.txt"


def fetch(url: str, show_bar: bool) -> Path:
    """Download the full list, unless it is there already, and check it. Problem: it cannot be had.

    pooch writes to a temporary file beside it and moves that into place once its hash is right.
    """
    pooch = _pooch()
    import requests

    pooch.get_logger().setLevel("ERROR")
    target = cached()
    try:
        with _bar(show_bar) as bar:
            pooch.retrieve(
                url,
                known_hash=f"sha256:{SHA256}",
                fname=target.name,
                path=target.parent,
                downloader=pooch.HTTPDownloader(progressbar=bar, timeout=30),
            )
    except ValueError:  # pooch's word for a hash that does not match
        raise Problem(f"what {url} sent is not the list: its SHA-256 is another one", BY_HAND) from None
    except requests.HTTPError as error:
        raise Problem(f"{url} answers {error.response.status_code} {error.response.reason}", BY_HAND) from None
    except requests.RequestException as error:
        raise Problem(f"{url} cannot be read: {_short(error)}", BY_HAND) from None
    except OSError as error:
        raise Problem(f"{target} cannot be written: {error.strerror}", BY_HAND) from None
    return target


BY_HAND = (
    "nothing was changed; the bundled list works without a network. Or copy names.txt from another machine "
    "and train with --names names.txt"
)


def _short(error: Exception) -> str:
    """A network error in a few words: the library's own text can be a page."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:120]}{'...' if len(text) > 120 else ''}"


def _pooch():
    try:
        import pooch
    except ImportError:
        raise Problem("pooch, which fetches and checks files, is not installed", "pip install pooch") from None
    return pooch


def _bar(show: bool) -> AbstractContextManager:
    """What pooch takes for a progress bar, drawn by rich; nothing where it is not wanted or rich is not installed."""
    try:
        from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn
    except ImportError:
        show = False
    if not show:
        return nullcontext(False)

    class Bar:
        """pooch sets `total` and calls `update`, at the end `reset`, `update` and `close`."""

        def __init__(self) -> None:
            self.progress = Progress("names.txt", BarColumn(), DownloadColumn(), TimeRemainingColumn())
            self.task = self.progress.add_task("", total=SIZE)
            self.total = SIZE

        def __enter__(self):
            self.progress.start()
            return self

        def __exit__(self, *_: object) -> None:
            self.progress.stop()

        def update(self, size: int) -> None:
            self.progress.update(self.task, advance=size, total=self.total or SIZE)

        def reset(self) -> None:
            self.progress.reset(self.task)

        def close(self) -> None:
            self.progress.refresh()

    return Bar()
