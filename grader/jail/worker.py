"""The process that runs one learner's code: reads questions, calls probes, writes answers.

Untrusted side. Imports the standard library and `grader.wire`. Learner code shares this process and may do with it
what it likes: an answer is the learner's word, and the jail around the process is what holds.
"""

from __future__ import annotations

import io
import marshal
import os
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from grader.jail.calls import call, clip
from grader.jail.modules import Modules, run_probes
from grader.wire import HEADER, Data, WireError, encode, unpack

PIECE = 1 << 16  # bytes read at a time


class Guard(Protocol):
    """Sees forbidden calls: grader.jail.torch_guard in the torch track, nothing in the pure one."""

    def watch(self, forbidden: dict[str, Data]) -> AbstractContextManager[list[str]]: ...


class NoGuard:
    def watch(self, forbidden: dict[str, Data]) -> AbstractContextManager[list[str]]:
        return nullcontext([])


class OutputLimit(Exception):
    """More text was printed in one call than the course allows."""


class Printed(io.TextIOBase):
    """Standard output and error: counts the characters and forgets them."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.count = 0

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.count += len(text)
        if self.count > self.limit:
            raise OutputLimit(self.sentence)
        return len(text)

    @property
    def sentence(self) -> str:
        return f"printed more than {self.limit // 1024:,} KiB of text in one call"


class Frames:
    """The frames that arrive on a descriptor. Several may be waiting: questions are posted ahead of their answers."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.received = bytearray()

    def next(self) -> Data:
        """The next question. EOFError: the trusted side has closed."""
        while True:
            if len(self.received) >= HEADER.size:
                end = HEADER.size + HEADER.unpack_from(self.received)[0]
                if len(self.received) >= end:
                    payload = bytes(self.received[HEADER.size : end])
                    del self.received[:end]
                    return unpack(payload)
            part = os.read(self.descriptor, PIECE)
            if not part:
                raise EOFError
            self.received += part


def write_frame(descriptor: int, payload: bytes) -> None:
    view = memoryview(HEADER.pack(len(payload)) + payload)
    while view:
        view = view[os.write(descriptor, view) :]


class CourseCode:
    """The course's own part of what runs in the jail, compiled once in the zygote: probes, and the kits they share."""

    def __init__(self, probes: dict[str, tuple[str, bytes]], kits: dict[str, tuple[str, bytes]]) -> None:
        self.probes = {step: (file, compile(source, file, "exec")) for step, (file, source) in probes.items()}
        self.kits = kits
        self.compiled = {name: compile(source, file, "exec") for name, (file, source) in kits.items()}


class Worker:
    """Answers questions about one set of modules.

    The first frame is {modules, compiled, extras, forbidden, output, answer, seed}, the others {nonce, step, probe,
    cases}. What comes compiled is the course's own.
    """

    def __init__(self, load: dict[str, Data], course: CourseCode, guard: Guard) -> None:
        compiled = {name: marshal.loads(code) for name, code in load["compiled"].items()}
        modules = Modules(load["modules"] | course.kits, load["extras"], compiled | course.compiled)
        self.files = {file for file, _ in [*load["modules"].values(), *load["extras"].values()]}
        self.forbidden: dict[str, dict[str, Data]] = load["forbidden"]
        self.answer_limit: int = load["answer"]
        self.printed = Printed(load["output"])
        self.probes = course.probes
        self.guard = guard
        self.namespaces: dict[str, dict[str, object]] = {}
        sys.stdout = sys.stderr = self.printed
        modules.install()

    def reply(self, question: dict[str, Data]) -> bytes:
        """The encoded answer to one question; never raises for anything learner code did."""
        step = question["step"]
        self.printed.count = 0
        with self.guard.watch(self.forbidden.get(step, {})) as used:
            answer = self._call(step, question["probe"], question["cases"])
        if self.printed.count > self.printed.limit:
            answer = {"raised": {"kinds": ["OutputLimit"], "text": self.printed.sentence}}
        envelope = {"nonce": question["nonce"], "used": list(used), "answer": answer}
        try:
            return encode(envelope, self.answer_limit)
        except (WireError, MemoryError) as error:
            text = clip(f"the answer {error}")
            envelope["answer"] = {"raised": {"kinds": ["WrongAnswer", "Exception"], "text": text}}
            return encode(envelope)

    def _call(self, step: str, probe: str, cases: list[list[Data]]) -> dict[str, object]:
        if step not in self.namespaces:
            loaded = call({"load": self._load}, "load", [[step]], self.files)
            if "raised" in loaded:
                return {"loading": loaded["raised"]}
        return call(self.namespaces[step], probe, cases, self.files)

    def _load(self, step: str) -> None:
        file, code = self.probes[step]
        self.namespaces[step] = run_probes(f"probes_{step}", file, code)


def serve(descriptor: int, course: CourseCode, guard: Guard, seed: Callable[[int], None]) -> None:
    """Answer until the trusted side closes."""
    frames = Frames(descriptor)
    try:
        load = frames.next()
        seed(load["seed"])
        worker = Worker(load, course, guard)
        write_frame(descriptor, encode({"ready": True}))  # no learner code has run so far
        while True:
            write_frame(descriptor, worker.reply(frames.next()))
    except EOFError:
        os._exit(0)
