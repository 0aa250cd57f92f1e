"""The trusted end of the jail: starts zygotes, asks them for workers, asks workers questions, and ends them.

Trusted side. Whatever comes from a worker is bytes until `wire.decode` has made plain data of it.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import secrets
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from grader.course import Course, Limits
from grader.jail import kernel, seccomp
from grader.marking.answers import FORGED
from grader.marking.check import GraderFault
from grader.wire import HEADER, MAX_FRAME, Data, WireError, decode, encode

PIECE = 1 << 16  # bytes received at a time
START_SECONDS = 120  # a zygote importing torch from a cold disk
EXIT_SECONDS = 1.0  # for a process whose connection has closed to be gone
LAST_WORDS_SECONDS = 5  # for a zygote that is ending to print its traceback
CLEAN_ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",  # numpy starts a thread otherwise, and a process with threads cannot be forked safely
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",  # the order of sets in learner code must not change a verdict
    "PYTHONUTF8": "1",
}


class Ended(Exception):
    """A worker that gave no answer: `cause` is "timed out" or "died"; `reason` is the sentence for the learner."""

    def __init__(self, cause: str, reason: str) -> None:
        super().__init__(reason)
        self.cause = cause
        self.reason = reason


class Zygote:
    """One warm process per track, and the way to have it forked."""

    def __init__(self, course: Course, track: str, sandbox: str) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-s", "-P", "-m", "grader.jail.zygote", str(theirs.fileno())],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                pass_fds=[theirs.fileno()],
                env=CLEAN_ENVIRONMENT,
                cwd="/",
            )
        self.control = ours
        self.control.settimeout(START_SECONDS)
        self.track = track
        self.jail = sandbox != "none"
        payload = encode(settings(course, track, sandbox))
        try:
            assert self.process.stdin is not None
            with self.process.stdin as pipe:
                pipe.write(HEADER.pack(len(payload)) + payload)
        except OSError as error:
            raise GraderFault(f"the {track} zygote did not start: {self._last_words or error}") from None

    @property
    def warm(self) -> bool:
        """Whether workers can be had without waiting."""
        return "uid" in vars(self) or bool(select.select([self.control], [], [], 0)[0])

    @cached_property
    def uid(self) -> int:
        """The user that workers run as; waits until the zygote is warm."""
        try:
            return int(self._receive().split()[1])
        except (OSError, IndexError) as error:
            raise GraderFault(f"the {self.track} zygote did not start: {self._last_words or error}") from None

    def _receive(self) -> str:
        message = self.control.recv(64).decode()
        if not message:
            raise OSError("it ended")
        return message

    @cached_property
    def _last_words(self) -> str:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(LAST_WORDS_SECONDS)  # its end of the control socket closes before it has said why
        self.process.kill()
        assert self.process.stderr is not None
        errors = self.process.stderr.read()
        return " ".join(errors.decode("utf-8", "replace").split())[-400:]

    def fork(self) -> tuple[socket.socket, int, int]:
        """A new worker: the trusted end of its socket, its pid and its pidfd."""
        _ = self.uid  # the first message on the control socket
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                socket.send_fds(self.control, [b"fork"], [theirs.fileno()])
            message, descriptors, _, _ = socket.recv_fds(self.control, 64, 1)
            if not message:
                raise OSError("it ended")
            return ours, int(message), descriptors[0]
        except OSError as error:
            ours.close()
            raise GraderFault(f"the {self.track} zygote does not answer: {error}") from None

    def wait(self, pid: int) -> int:
        """The exit status of a worker that has ended or has been killed."""
        try:
            self.control.send(f"wait {pid}".encode())
            return int(self._receive())
        except OSError as error:
            raise GraderFault(f"the {self.track} zygote does not answer: {error}") from None

    def close(self) -> None:
        self.control.close()
        self.process.kill()  # its workers go with it (PR_SET_PDEATHSIG)
        self.process.wait()
        assert self.process.stderr is not None
        self.process.stderr.close()


def settings(course: Course, track: str, sandbox: str) -> dict[str, Data]:
    """What a zygote is told: no secret among it, since workers inherit its memory."""
    modules = course.modules(tracks=[track])
    return {
        "torch": track == "torch",
        "jail": sandbox != "none",
        "memory": course.limits.memory_mib << 20,
        "cpu_seconds": int(course.limits.submission_cpu_seconds) + 1,
        "kits": {kit.stem: [kit.name, kit.read_bytes()] for kit in course.kits()},
        "probes": {m.step: [f"probes of {m.step}", course.probes(m).read_bytes()] for m in modules},
        "forbidden": [course.forbidden_in(m) for m in modules],
    }


class Worker:
    """One jailed process with one set of modules, asked one question at a time."""

    def __init__(self, zygote: Zygote, load: dict[str, Data], limits: Limits) -> None:
        self.zygote = zygote
        self.limits = limits
        self.socket, self.pid, self.pidfd = zygote.fork()
        self.clock = (~self.pid << 3) | 2  # the CPU-time clock of that process: clock_getcpuclockid(3)
        self.closed = False
        self.spent = 0.0  # CPU seconds, as of the last answer
        self.received = bytearray()
        self.poll = select.poll()
        self.poll.register(self.socket)
        self.socket.setblocking(False)
        self.confined = False
        try:
            self._send(load, time.monotonic() + START_SECONDS)
        except Ended as ended:
            raise GraderFault(f"a worker did not start: {ended.reason}") from None

    def confirm(self) -> None:
        """Read the worker's first frame. GraderFault: it could not be confined; nothing of the learner's has run."""
        try:
            started = self._receive(time.monotonic() + START_SECONDS, None)
        except Ended as ended:
            raise GraderFault(f"a worker did not start: {ended.reason}") from None
        if started != {"ready": True}:
            self.close()
            raise GraderFault(f"a worker could not be confined: {started}")
        self.confined = True

    def cpu_seconds(self) -> float:
        """CPU time used so far, 0.0 once the process is gone."""
        with contextlib.suppress(OSError):
            return time.clock_gettime(self.clock)
        return 0.0

    def ask(self, step: str, probe: str, cases: list[list[Data]], wall: float, cpu: float) -> dict[str, Data]:
        """Ask one question, and wait for the answer: `post` and `collect`."""
        return self.collect(self.post(step, probe, cases, wall), wall, cpu)

    def post(self, step: str, probe: str, cases: list[list[Data]], wall: float) -> bytes:
        """Send a question without waiting for its answer, which `collect` will want to know by the number returned."""
        nonce = secrets.token_bytes(8)  # an answer written before the question was read cannot know it
        question = {"nonce": nonce, "step": step, "probe": probe, "cases": cases}
        self._send(question, time.monotonic() + wall)
        return nonce

    def collect(self, nonce: bytes, wall: float, cpu: float) -> dict[str, Data]:
        """The envelope {nonce, used, answer} for the calls of a probe. Ended: there is none; the worker is gone."""
        if not self.confined:
            self.confirm()
        envelope = self._receive(time.monotonic() + wall, self.spent + cpu)
        self.spent = self.cpu_seconds()
        if type(envelope) is not dict or list(envelope) != ["nonce", "used", "answer"] or envelope["nonce"] != nonce:
            self.close()
            raise Ended("died", FORGED)
        return envelope

    def _send(self, data: Data, deadline: float) -> None:
        payload = encode(data, limit=16 << 20)
        view = memoryview(HEADER.pack(len(payload)) + payload)
        while view:
            try:
                view = view[self.socket.send(view, socket.MSG_NOSIGNAL) :]
            except BlockingIOError:
                self._wait(select.POLLOUT, deadline, None)
            except OSError:
                raise self._ended() from None

    def _receive(self, deadline: float, cpu_end: float | None) -> Data:
        """The next frame. What a worker writes beyond it is kept, and can only spoil its own next answer."""
        self._fill(HEADER.size, deadline, cpu_end)
        end = HEADER.size + HEADER.unpack_from(self.received)[0]
        if end > HEADER.size + MAX_FRAME:
            self.close()
            raise Ended("died", FORGED)
        self._fill(end, deadline, cpu_end)
        payload = bytes(self.received[HEADER.size : end])
        del self.received[:end]
        try:
            return decode(payload)
        except WireError as error:
            self.close()
            raise Ended("died", f"the answer {error}") from None

    def _fill(self, size: int, deadline: float, cpu_end: float | None) -> None:
        """Receive until there are `size` bytes."""
        while len(self.received) < size:
            self._wait(select.POLLIN, deadline, cpu_end)
            try:
                part = self.socket.recv(PIECE)
            except OSError:
                part = b""
            if not part:
                raise self._ended()
            self.received += part

    def _wait(self, event: int, deadline: float, cpu_end: float | None) -> None:
        """Until the socket is ready. Ended: the wall or the CPU time is over first, and the worker is killed."""
        self.poll.modify(self.socket, event)
        wall = deadline - time.monotonic()
        cpu = wall if cpu_end is None else cpu_end - self.spent
        while wall > 0 and cpu > 0:
            # one thread cannot use more CPU time than wall time passes, so this never wakes late
            if self.poll.poll(min(wall, cpu) * 1000 + 1):
                return
            wall = deadline - time.monotonic()
            cpu = wall if cpu_end is None else cpu_end - self.cpu_seconds()
        self.close()
        raise Ended("timed out", "took too long")

    def _ended(self) -> Ended:
        """Why the worker is gone. GraderFault: it was killed by somebody else, which costs nobody marks."""
        by_itself = not self.closed and self._has_exited()  # else it only closed its connection
        status = self.close()
        if status is None:
            raise GraderFault(f"the {self.zygote.track} zygote has ended, and its workers with it")
        if os.WIFSIGNALED(status):
            number = os.WTERMSIG(status)
            if number in (signal.SIGXCPU, signal.SIGKILL) and self.limits.submission_cpu_seconds <= self.spent:
                return Ended("timed out", "used up the CPU time of the whole submission")
            if number == signal.SIGKILL and by_itself and self.zygote.jail:  # no code in the jail can kill itself so
                raise GraderFault("a worker was killed from outside, perhaps because the machine ran out of memory")
            if number == signal.SIGKILL:
                return Ended("died", "the process closed its connection")
            return Ended("died", f"the process was ended by {signal.Signals(number).name}")
        return Ended("died", f"the code ended the process (exit status {os.WEXITSTATUS(status)})")

    def _has_exited(self) -> bool:
        """Whether the process is gone, or goes within EXIT_SECONDS."""
        exit_poll = select.poll()
        exit_poll.register(self.pidfd, select.POLLIN)
        return bool(exit_poll.poll(EXIT_SECONDS * 1000))

    def close(self) -> int | None:
        """Kill the process, whatever it is doing, and return its exit status; None when nobody can tell it."""
        if self.closed:
            return None
        self.closed = True
        self.socket.close()
        self.spent = self.cpu_seconds()
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.pidfd, signal.SIGKILL)
        os.close(self.pidfd)
        try:
            return self.zygote.wait(self.pid)
        except GraderFault:  # the zygote is gone: so is the worker (PR_SET_PDEATHSIG)
            return None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()


LANDLOCK_ABI = 3  # older ones let a file that can be read and belongs to the worker's user be emptied: O_TRUNC
ROOT_NEEDS = {6: "CAP_SETGID", 8: "CAP_SETPCAP"}  # numbers: linux/capability.h
NO_LANDLOCK = {
    errno.ENOSYS: "take Linux 6.2 or later; in a container, an engine that knows the call (Docker 23 or later)",
    errno.EOPNOTSUPP: "it is switched off: add `landlock` to the boot option lsm=; where the kernel was built "
    "without it, as those of WSL2 and Docker Desktop may be, take a virtual machine with a distribution's kernel",
    errno.EPERM: "the container's seccomp profile refuses it: take an engine whose default profile allows "
    "landlock_create_ruleset, landlock_add_rule and landlock_restrict_self (Docker 23 or later)",
}


def missing_features() -> list[str]:
    """What this machine lacks for the jail, each as a sentence with what to do; empty when it can be enforced."""
    problems = []
    if sys.platform != "linux":
        return [f"grading needs Linux; this is {sys.platform}: take a Linux machine, container or virtual machine"]
    abi = kernel.landlock_abi()
    if not abi:
        advice = NO_LANDLOCK.get(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        problems.append(f"the kernel offers no Landlock: {advice}")
    elif abi < LANDLOCK_ABI:
        problems.append(f"Landlock has ABI {abi} here, which does not keep files from being emptied: take Linux 6.2")
    if not seccomp.supported():
        problems.append(
            f"no seccomp filter for this kernel and machine ({os.uname().machine}): take x86_64 or aarch64, and in a "
            "container a profile that allows prctl(PR_SET_SECCOMP)"
        )
    held = int(Path("/proc/self/status").read_text("utf-8").split("CapEff:")[1].split()[0], 16)
    lacking = [name for number, name in ROOT_NEEDS.items() if not held >> number & 1]
    if os.geteuid() == 0 and lacking:
        problems.append(
            f"root without {' and '.join(lacking)} cannot drop what root has: grade as an ordinary user "
            "(docker run --user), or leave root these capabilities (--cap-add)"
        )
    try:
        tempfile.gettempdir()  # torch wants one when it is imported, and so does an archive of a class
    except FileNotFoundError:
        problems.append("no folder takes temporary files: let /tmp be written to (docker run --tmpfs /tmp)")
    return problems
