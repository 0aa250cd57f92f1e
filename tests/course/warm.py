"""Processes that need not wait for slow imports: a server has the modules, and forks itself for each command.

A command is a process of its own, as ever, with its own arguments, environment, folder and streams, and nothing of
another command's. What it cannot show is that modules are found, and imported without a warning, by a Python that has
just started: some commands of every sort are to be run without it. What Python reads only when it starts, such as
PYTHONPATH, has no effect.

Runs in pytest's process, and as the server, in `python warm.py`. What a test starts is the client: it hands over all
that it was given, and ends as the fork does; where the client is killed, so is the fork. May import the standard
library.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

CLIENT = """\
import json, os, signal, socket, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)  # Jupyter sends it to every kernel that it ends
with socket.socket(socket.AF_UNIX) as line:
    line.connect(sys.argv[1])
    asked = json.dumps([sys.argv[2:], os.getcwd(), dict(os.environ)]).encode()
    socket.send_fds(line, [len(asked).to_bytes(8, "big")], [0, 1, 2])
    line.sendall(asked)
    code = int.from_bytes(line.recv(2), "big", signed=True)
if code < 0:
    os.kill(os.getpid(), -code)
sys.exit(code)
"""
# What the notebooks import; and torch._dynamo, which torch imports by itself as soon as there is an optimizer.
KERNEL = (
    "torch",
    "torch._dynamo",
    "matplotlib.backends.backend_agg",
    "matplotlib.figure",
    "ipykernel.kernelapp",
    "pytest",
)


def python(*modules: str) -> list[str]:
    """In the place of `python`, with -m or -c behind it: what starts a process that has these modules already."""
    return [sys.executable, "-I", "-S", "-c", CLIENT, str(server(*modules) / "socket")]


def kernels() -> str:
    """For JUPYTER_PATH: whoever finds Jupyter's kernels there starts warm ones."""
    start = [*python(*KERNEL), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    folder = server(*KERNEL) / "kernels" / "python3"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "kernel.json").write_text(json.dumps({"argv": start, "display_name": "Python 3", "language": "python"}))
    return str(folder.parents[1])


@functools.cache
def server(*modules: str) -> Path:
    """The folder in which a server with these modules has its socket. It ends with this process."""
    folder = tempfile.TemporaryDirectory(prefix="warm")
    process = subprocess.Popen(
        [sys.executable, __file__, str(Path(folder.name, "socket")), *modules],
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},  # a process of several threads does not fork well
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )

    def end() -> None:
        process.communicate()
        folder.cleanup()

    atexit.register(end)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return Path(folder.name)


# The server


def serve(place: str, modules: list[str]) -> socket.socket:
    """Import the modules, then fork for each client until stdin ends. Returns in the forks, with their client."""
    for module in modules:
        importlib.import_module(module)
    gc.collect()
    gc.freeze()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(place)
        listener.listen()
        print("ready", flush=True)
        while sys.stdin not in select.select([sys.stdin, listener], [], [])[0]:
            client, _ = listener.accept()
            if os.fork() == 0:
                return client
            client.close()
            with contextlib.suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
        sys.exit()


def become(client: socket.socket) -> tuple[str, str]:
    """Fork again; the fork returns "-m" or "-c" and what follows it, all else being as the client has it."""
    size, streams, _, _ = socket.recv_fds(client, 8, 3)
    with client.makefile("rb") as file:
        (flag, what, *arguments), folder, environment = json.loads(file.read(int.from_bytes(size, "big")))
    fork = os.fork()
    if fork:
        watch(fork, client)
    client.close()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv[:] = [flag, *arguments]
    sys.path[0] = folder
    return flag, what


def watch(fork: int, client: socket.socket) -> None:
    """Tell the client how the fork has ended; end it where the client is gone."""
    ended = os.pidfd_open(fork)
    if ended not in select.select([ended, client], [], [])[0]:
        os.kill(fork, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(os.waitpid(fork, 0)[1])
    with contextlib.suppress(BrokenPipeError):
        client.sendall(code.to_bytes(2, "big", signed=True))
    os._exit(0)


if __name__ == "__main__":
    flag, what = become(serve(sys.argv[1], sys.argv[2:]))
    if flag == "-m":
        runpy.run_module(what, run_name="__main__", alter_sys=True)
    else:
        exec(what, {"__name__": "__main__"})
