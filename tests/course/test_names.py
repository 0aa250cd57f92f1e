"""`microgpt.py data`: the full list comes whole or not at all. Against a server of this test's own, on loopback."""

from __future__ import annotations

import gc
import hashlib
import http.server
import importlib
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
# requests leaves the socket of a download that broke off to Python's collector.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
LIST = b"emma\nolivia\nava\n" * 5000  # 80 kB: several pieces on the wire


class Server(http.server.BaseHTTPRequestHandler):
    """Answers by the path: /good, /wrong, /cut (the connection ends in the middle), anything else 404."""

    asked: list[str] = []  # noqa: RUF012  # one server at a time; the fixture empties it

    def do_GET(self) -> None:
        self.asked.append(self.path)
        if self.path not in ("/good", "/wrong", "/cut"):
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(LIST)))
        self.end_headers()
        whole = LIST if self.path != "/wrong" else LIST[:-1] + b"!"
        self.wfile.write(whole if self.path != "/cut" else whole[: len(whole) // 2])
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    Server.asked.clear()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_address[1]}"
        running.shutdown()
        thread.join()


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[ModuleType]:
    """exercises/runner/names.py, which takes the list above for the full one, and a cache folder of its own."""
    monkeypatch.syspath_prepend(str(ROOT / "exercises"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    module = importlib.import_module("runner.names")
    monkeypatch.setattr(module, "cached", lambda: tmp_path / "cache" / "names.txt")
    monkeypatch.setattr(module, "SHA256", hashlib.sha256(LIST).hexdigest())
    yield module
    gc.collect()  # here, where it is ignored, and not in the middle of another test
    for name in [name for name in sys.modules if name.split(".")[0] == "runner"]:
        del sys.modules[name]


def files(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in tmp_path.rglob("*") if path.is_file())


def test_a_good_file_is_kept(server: str, names: ModuleType, tmp_path: Path) -> None:
    """The list is stored once its hash is right, and not fetched again while it is."""
    assert names.fetch(f"{server}/good", show_bar=False).read_bytes() == LIST
    assert names.fetch(f"{server}/good", show_bar=False).read_bytes() == LIST
    assert Server.asked == ["/good"]
    assert files(tmp_path) == ["names.txt"]
    assert names.find("full") == tmp_path / "cache" / "names.txt"


def test_the_bar_counts_the_bytes(server: str, names: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    """With a bar the same file arrives, and the bar ends full."""
    assert names.fetch(f"{server}/good", show_bar=True).read_bytes() == LIST
    assert "80.0/80.0 kB" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("wrong", "is not the list: its SHA-256 is another one"),
        ("cut", "cannot be read: "),
        ("absent", "answers 404 Not Found"),
    ],
)
def test_nothing_is_left_of_a_bad_one(server: str, names: ModuleType, tmp_path: Path, path: str, says: str) -> None:
    """A wrong hash, a cut connection and a missing page each say so, say what to do, and leave no file."""
    with pytest.raises(names.Problem, match=says) as caught:
        names.fetch(f"{server}/{path}", show_bar=False)
    assert "--names names.txt" in caught.value.next_step
    assert files(tmp_path) == []


def test_a_list_that_is_there_survives_a_failure(server: str, names: ModuleType, tmp_path: Path) -> None:
    """A damaged list is fetched anew; when that fails, the old file is still there."""
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "names.txt").write_text("emma\n")
    with pytest.raises(names.Problem):
        names.fetch(f"{server}/cut", show_bar=False)
    assert (tmp_path / "cache" / "names.txt").read_text() == "emma\n"
    assert names.fetch(f"{server}/good", show_bar=False).read_bytes() == LIST


def test_no_network(names: ModuleType, tmp_path: Path) -> None:
    """Where nothing answers, the command says so in two lines and leaves the bundled list in use."""
    with http.server.HTTPServer(("127.0.0.1", 0), Server) as closed:
        port = closed.server_address[1]
    with pytest.raises(names.Problem, match="cannot be read: ConnectionError"):
        names.fetch(f"http://127.0.0.1:{port}/good", show_bar=False)
    assert files(tmp_path) == []
    assert names.find(None).is_file()
    with pytest.raises(names.Problem, match="the full list is not here yet") as caught:
        names.find("full")
    assert caught.value.next_step == f"python {os.path.relpath(ROOT / 'exercises' / 'microgpt.py')} data"


def test_the_command_ends_in_a_sentence(server: str, tmp_path: Path) -> None:
    """The command itself: no traceback, exit code 1."""
    done = subprocess.run(
        [sys.executable, ROOT / "exercises" / "microgpt.py", "data", "--url", f"{server}/good"],
        env={"XDG_CACHE_HOME": str(tmp_path), "HOME": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: what {server}/good sent is not the list")
    assert "\nnext: " in done.stderr
    assert "Traceback" not in done.stderr
