"""What `grader doctor` tries in a worker: each function does one thing that the jail has to refuse.

Untrusted side: sent to a worker as its probes. Imports the standard library only. A function that comes back has done
what its docstring says; every other end is a refusal.
"""

from __future__ import annotations

import ctypes
import os
import socket
import threading


def read_file(path: str) -> bool:
    """read a file outside Python's libraries"""
    with open(path) as file:  # noqa: PTH123  # what learner code would write
        return bool(file.read())


def list_folder(path: str) -> bool:
    """list a folder"""
    return bool(os.listdir(os.path.dirname(path)))  # noqa: PTH120, PTH208  # as above


def write_file(path: str) -> bool:
    """write a file"""
    with open(path + ".new", "w") as file:  # noqa: PTH123  # as above
        return bool(file.write("x"))


def make_link(path: str) -> bool:
    """make a symbolic link"""
    os.symlink(path, path + ".link")  # noqa: PTH211  # as above
    return True


def read_parent(path: str) -> bool:
    """read what its parent has in memory, in /proc"""
    with open(f"/proc/{os.getppid()}/maps") as file:  # noqa: PTH123  # as above
        return bool(file.read())


def open_socket(path: str) -> bool:
    """open a network socket"""
    socket.socket().close()
    return True


def open_unix_socket(path: str) -> bool:
    """open a socket to other processes of the machine"""
    socket.socket(socket.AF_UNIX).close()
    return True


def fork(path: str) -> bool:
    """start a process"""
    child = os.fork()
    if child == 0:
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


def start_thread(path: str) -> bool:
    """start a thread"""
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()
    return True


def execute(path: str) -> bool:
    """become another program"""
    os.execv("/bin/sh", ["sh", "-c", ":"])


def signal_parent(path: str) -> bool:
    """send a signal to another process"""
    os.kill(os.getppid(), 0)
    return True


def trace(path: str) -> bool:
    """be traced, or trace others"""
    return _by_number({"x86_64": 101, "aarch64": 117}, 0, 0, 0, 0)


def read_memory(path: str) -> bool:
    """read the memory of another process"""
    return _by_number({"x86_64": 310, "aarch64": 270}, os.getppid(), 0, 0, 0, 0, 0)


def ring(path: str) -> bool:
    """set up io_uring"""
    room = ctypes.create_string_buffer(256)  # struct io_uring_params: 120 bytes
    return _by_number({"x86_64": 425, "aarch64": 425}, 1, ctypes.addressof(room))


def foreign_number(path: str) -> bool:
    """make a call by the numbers of x32"""
    if os.uname().machine != "x86_64":
        raise OSError("only x86_64 has these")
    return _by_number({"x86_64": 39 | 1 << 30})


def memory_file(path: str) -> bool:
    """make a file in memory, which could be executed"""
    os.close(os.memfd_create("x"))
    return True


def own_limits(path: str) -> bool:
    """change a limit"""
    import resource  # not before it is needed: the jail keeps what is imported small

    resource.setrlimit(resource.RLIMIT_NOFILE, (9, 64))
    return True


def take_memory(path: str) -> bool:
    """take more memory than allowed"""
    return len(bytearray(1 << 30)) > 0


def compute_for_ever(path: str) -> bool:
    """use more CPU time than allowed"""
    while True:
        pass


def _by_number(numbers: dict[str, int], *arguments: int) -> bool:
    """A system call that Python has no function for. OSError: it is refused."""
    number = numbers[os.uname().machine]
    result = ctypes.CDLL(None, use_errno=True).syscall(number, *(ctypes.c_long(word) for word in arguments))
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return True


TRIALS = (
    read_file, list_folder, write_file, make_link, read_parent, open_socket, open_unix_socket, fork, start_thread,
    execute, signal_parent, trace, read_memory, ring,
    foreign_number, memory_file, own_limits, take_memory, compute_for_ever,
)  # fmt: skip
