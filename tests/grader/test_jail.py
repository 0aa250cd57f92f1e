"""The jail, one forbidden thing at a time, each with a positive control: without the jail it works.

Every attack is a learner's `double.py` whose `double(x)` does something and returns what came of it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader import course as courses
from grader.marking.check import GraderFault
from grader.marking.workers import Ended, Worker, Zygote, missing_features

needs_jail = pytest.mark.skipif(
    bool(missing_features()), reason=f"the jail cannot be enforced here: {'; '.join(missing_features())}"
)
Ask = Callable[..., object]


@pytest.fixture
def zygotes(mini: Path) -> Iterator[dict[str, Zygote]]:
    course = courses.load(mini)
    both = {sandbox: Zygote(course, "pure", sandbox) for sandbox in ("jail", "none")}
    yield both
    for zygote in both.values():
        zygote.close()


@pytest.fixture
def ask(mini: Path, zygotes: dict[str, Zygote]) -> Ask:
    """`ask("jail", body, x)`: what `double(x)` with this body answers there."""
    limits = courses.load(mini).limits

    def question(sandbox: str, body: str, x: object = 1.0, wall: float = 20, cpu: float = 5) -> object:
        source = "def double(x):\n" + textwrap.indent(textwrap.dedent(body).strip(), "    ")
        load = {
            "modules": {"double": ["01_double/double.py", source.encode()]},
            "compiled": {},
            "extras": {},
            "forbidden": {},
            "output": 64 << 10,
            "answer": 1 << 20,
            "seed": 0,
        }
        with Worker(zygotes[sandbox], load, limits) as worker:
            answer = worker.ask("01_double", "twice", [[x]], wall, cpu)["answer"]
        return answer["values"][0] if "values" in answer else (answer.get("raised") or answer["loading"])["kinds"][0]

    return question


SYSCALL = "import ctypes; return ctypes.CDLL(None, use_errno=True).syscall({})"

# Name -> (body of double(x), what it answers without the jail; x is a file that it can read and write there).
ATTACKS = {
    "reads_a_file": ("return open(x).read()", "secret"),
    "writes_a_file": ("return open(x + '.new', 'w').write('here')", 4),
    "appends_to_a_file": ("return open(x, 'a').write('here')", 4),
    "lists_a_folder": ("import os; return len(os.listdir(os.path.dirname(x))) > 0", True),
    "removes_a_file": ("import os; return os.remove(x)", None),
    "links_a_file": ("import os; return os.link(x, x + '.link')", None),
    "makes_a_symlink": ("import os; return os.symlink(x, x + '.link')", None),
    "makes_a_folder": ("import os; return os.mkdir(x + '.d')", None),
    "renames_a_file": ("import os; return os.rename(x, x + '.moved')", None),
    "changes_rights": ("import os; return os.chmod(x, 0o777)", None),
    "reads_proc_of_its_parent": ("import os; return len(open(f'/proc/{os.getppid()}/maps').read()) > 0", True),
    "reads_its_own_memory_file": ("return len(open('/proc/self/mem', 'rb', 0).read(0))", 0),
    "reads_etc_passwd": ("return 'root' in open('/etc/passwd').read()", True),
    "opens_a_socket": ("import socket; return socket.socket().close()", None),
    "opens_a_unix_socket": ("import socket; return socket.socket(socket.AF_UNIX).close()", None),
    "makes_a_socket_pair": ("import socket; return [s.close() for s in socket.socketpair()]", [None, None]),
    "signals_its_parent": ("import os; return os.kill(os.getppid(), 0)", None),
    "makes_a_memfd": ("import os; return os.memfd_create('x') > 0", True),
    "makes_a_pipe": ("import os; return len(os.pipe())", 2),
    "raises_its_own_limits": (
        "import resource as r; return r.setrlimit(r.RLIMIT_NOFILE, (9, 64))",
        None,
    ),
    "changes_its_folder": ("import os; return os.chdir('/')", None),
    "opens_epoll": ("import select; return select.epoll().close()", None),
}
REFUSED = ("PermissionError", "OSError", "ValueError")  # setrlimit says ValueError for EPERM


@needs_jail
@pytest.mark.parametrize("name", sorted(ATTACKS))
def test_refused_in_the_jail_and_possible_without(name: str, ask: Ask, tmp_path: Path) -> None:
    """Each thing works in a plain worker and ends in PermissionError in a jailed one."""
    body, works = ATTACKS[name]
    for sandbox in ("none", "jail"):
        file = tmp_path / f"{sandbox}.txt"
        file.write_text("secret")
        if sandbox == "none":
            assert ask(sandbox, body, str(file)) == works
        else:
            before = sorted(tmp_path.iterdir())
            assert ask(sandbox, body, str(file)) in REFUSED
            assert sorted(tmp_path.iterdir()) == before
            assert file.read_text() == "secret"


FORKS = {
    "fork": "import os\npid = os.fork()\nos._exit(0) if pid == 0 else os.waitpid(pid, 0)\nreturn 'made one'",
    "thread": "import threading\nt = threading.Thread(target=int)\nt.start()\nt.join()\nreturn 'made one'",
    "subprocess": "import subprocess\nsubprocess.run(['/bin/true'])\nreturn 'made one'",
}


@needs_jail
@pytest.mark.parametrize("name", sorted(FORKS))
def test_no_process_and_no_thread(name: str, ask: Ask) -> None:
    """Neither a process nor a thread can be made; without the jail (and its RLIMIT_NPROC, for root) both can."""
    if os.geteuid() == 0:
        assert ask("none", FORKS[name]) == "made one"
    assert ask("jail", FORKS[name]) in ("PermissionError", "BlockingIOError", "RuntimeError", "OSError")


@needs_jail
def test_exec_is_refused(ask: Ask) -> None:
    """The process cannot become another program."""
    body = "import os\nos.execv('/bin/true', ['true'])"
    with pytest.raises(Ended, match="exit status 0"):
        ask("none", body)
    assert ask("jail", body) == "PermissionError"


@needs_jail
def test_an_x32_number_kills(ask: Ask) -> None:
    """A system call by its x32 number ends the process at once: the same call by its own number is allowed."""
    if os.uname().machine != "x86_64":
        pytest.skip("x32 numbers exist on x86_64 only")
    assert ask("jail", SYSCALL.format("39") + " > 0") is True
    with pytest.raises(Ended, match="SIGSYS"):
        ask("jail", SYSCALL.format("0x40000000 + 39"))


@needs_jail
def test_nothing_is_inherited(ask: Ask) -> None:
    """A jailed worker has no environment, and no descriptor but its own five: null three times, its socket, scratch."""
    got = ask(
        "jail",
        """
        import os, ctypes
        open_ones = []
        for number in range(256):
            try:
                os.fstat(number)
                open_ones.append(number)
            except OSError:
                pass
        return [dict(os.environ), open_ones]
        """,
    )
    assert got == [{}, [0, 1, 2, 3, 4]]


SCRATCH = """
    import os
    def fill(text):
        os.ftruncate(4, 0)
        os.lseek(4, 0, os.SEEK_SET)
        return os.write(4, text.encode())
"""


@needs_jail
def test_the_scratch_file_is_read_by_its_path(ask: Ask) -> None:
    """What is written to descriptor 4 is a file to open, to read twice and to look at; each worker has its own."""
    reads = """
    from pathlib import Path
    fill("a longer text")
    fill("emma")
    path = Path("/proc/self/fd/4")
    return [path.is_file(), path.read_text(), open(path).read(), path.stat().st_size]
    """
    assert ask("jail", SCRATCH + reads) == [True, "emma", "emma", 4]
    assert ask("jail", "return open('/proc/self/fd/4').read()") == ""


@needs_jail
def test_the_scratch_file_is_small(ask: Ask) -> None:
    """It takes 64 KiB and not a byte more, by writing or by growing."""
    assert ask("jail", SCRATCH + "    return fill('x' * 65536)") == 65536
    assert ask("jail", SCRATCH + "    return fill('x' * 100000)") == 65536
    assert ask("jail", SCRATCH + "    fill('x' * 65536)\n    return os.write(4, b'x')") == "OSError"
    assert ask("jail", SCRATCH + "    return os.ftruncate(4, 65537)") == "OSError"


@needs_jail
def test_the_status_of_a_jailed_worker(mini: Path, zygotes: dict[str, Zygote]) -> None:
    """The kernel's own view: no capability in any set, no new privileges, a seccomp filter."""
    load = {"modules": {}, "compiled": {}, "extras": {}, "forbidden": {}, "output": 1, "answer": 9999, "seed": 0}
    with Worker(zygotes["jail"], load, courses.load(mini).limits) as worker:
        worker.confirm()
        status = Path(f"/proc/{worker.pid}/status").read_text()
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert {fields[name] for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")} == {"0" * 16}
    if os.geteuid() == 0:
        assert fields["CapBnd"] == "0" * 16
    assert (fields["NoNewPrivs"], fields["Seccomp"], fields["Threads"]) == ("1", "2", "1")


@needs_jail
def test_what_learners_need_is_there(ask: Ask) -> None:
    """The standard library can be imported in the jail, also what nobody imported before: fractions, decimal, json."""
    body = """
        import collections, dataclasses, decimal, fractions, functools, itertools, json, math, random, re, statistics
        import textwrap, time, typing
        time.sleep(0.001)
        return [str(fractions.Fraction(1, 3)), random.Random(3).random() < 1, json.dumps([1])]
        """
    assert ask("jail", body) == ["1/3", True, "[1]"]


@needs_jail
def test_third_party_packages_are_not_in_the_pure_track(ask: Ask) -> None:
    """The pure track has the standard library only, although the grader's own packages are installed."""
    for package in ("msgpack", "pytest", "torch", "grader.marking"):
        assert ask("jail", f"import {package}") == "ModuleNotFoundError"


def test_memory_is_limited(ask: Ask) -> None:
    """More memory than the course allows ends in MemoryError, and the worker goes on."""
    assert ask("none", "return len(bytearray(x))", 1 << 20) == 1 << 20
    assert ask("none", "return len(bytearray(x))", 300 << 20) == "MemoryError"


def test_printing_without_end_is_cut(ask: Ask) -> None:
    """Some text may be printed; beyond the limit the call fails, also when the error is caught."""
    assert ask("none", "print('x' * 1000)\nreturn 1") == 1
    assert ask("none", "while True:\n    print('x' * 1000)") == "OutputLimit"
    body = "for i in range(200):\n    try:\n        print('x' * 1000)\n    except Exception:\n        pass\nreturn 1"
    assert ask("none", body) == "OutputLimit"


def test_a_loop_is_ended_by_cpu_time(ask: Ask) -> None:
    """An endless loop is killed by the CPU time of one call, long before the wall time is over."""
    started = time.process_time()
    with pytest.raises(Ended, match="took too long") as caught:
        ask("none", "while True:\n    pass", cpu=0.3, wall=600)
    assert caught.value.cause == "timed out"
    assert time.process_time() - started < 0.3  # the grader itself slept


def test_sleep_is_ended_by_wall_time(ask: Ask) -> None:
    """A sleeping process uses no CPU time, and is killed by the wall time of one call."""
    with pytest.raises(Ended, match="took too long"):
        ask("none", "import time\ntime.sleep(600)", cpu=600, wall=0.3)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("import os\nos._exit(3)", "exit status 3"),
        ("import ctypes\nctypes.string_at(0)", "SIGSEGV"),
        ("import os\nos.close(3)\nimport time\ntime.sleep(60)", "closed its connection"),
        ("import os\nos.write(3, b'\\0\\0\\0\\1\\xc0')\nos._exit(0)", "in the place of the grader's worker"),
        ("import os\nos.write(3, b'\\xff\\xff\\xff\\xff')\nos._exit(0)", "in the place of the grader's worker"),
        ("import os\nos.write(3, b'\\0\\0\\0\\2\\xd4\\0')\nos._exit(0)", "is not plain data"),
    ],
    ids=["exit", "crash", "hang-up", "forged", "huge", "garbage"],
)
def test_a_worker_that_does_not_answer(ask: Ask, body: str, why: str) -> None:
    """Exits, crashes and forged frames end the worker, each with its reason."""
    with pytest.raises(Ended, match=why) as caught:
        ask("none", body)
    assert caught.value.cause == "died"


def test_an_early_answer_is_not_taken_for_the_next_question(mini: Path, zygotes: dict[str, Zygote]) -> None:
    """A frame that learner code writes in advance does not carry the next question's number."""
    source = """
        import os
        sent = b"\\x83\\xa5nonce\\xc4\\x08--------\\xa4used\\x90\\xa6answer\\x81\\xa6values\\x91\\x07"
        def double(x):
            os.write(3, len(sent).to_bytes(4, "big") + sent)
            return x
        """
    load = {
        "modules": {"double": ["d.py", textwrap.dedent(source).encode()]},
        "compiled": {},
        "extras": {},
        "forbidden": {},
    }
    load |= {"forbidden": {}, "output": 9, "answer": 999, "seed": 0}
    worker = Worker(zygotes["none"], load, courses.load(mini).limits)
    with worker, pytest.raises(Ended, match="in the place of"):
        worker.ask("01_double", "twice", [[1.0]], 20, 5)


def test_workers_die_with_their_zygote(mini: Path, zygotes: dict[str, Zygote]) -> None:
    """No process of a learner's outlives the zygote it was forked from."""
    load = {"modules": {}, "compiled": {}, "extras": {}, "forbidden": {}, "output": 1, "answer": 9999, "seed": 0}
    worker = Worker(zygotes["none"], load, courses.load(mini).limits)
    worker.confirm()
    zygotes["none"].process.kill()
    worker.socket.settimeout(60)
    assert worker.socket.recv(1) == b""  # only the worker's own process held the other end
    with pytest.raises(GraderFault, match="the pure zygote has ended"):
        worker.ask("01_double", "twice", [[1.0]], 20, 5)


@needs_jail
def test_a_confinement_that_fails_is_a_fault(mini: Path) -> None:
    """When the kernel refuses a step of the confinement no learner code runs, and it is called the grader's fault."""
    script = """
        import sys
        from grader import course as courses
        from grader.jail import kernel
        from grader.marking import workers
        from grader.marking.check import GraderFault
        from pathlib import Path
        workers.settings = (lambda real: lambda *a: real(*a) | {"memory": -(1 << 40)})(workers.settings)
        zygote = workers.Zygote(courses.load(Path(sys.argv[1])), "pure", "jail")
        try:
            workers.Worker(zygote, {}, courses.load(Path(sys.argv[1])).limits).confirm()
        except GraderFault as fault:
            print(fault)
        zygote.close()
        """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), str(mini)], capture_output=True, text=True, timeout=120
    )
    assert "did not start" in done.stdout or "could not be confined" in done.stdout, done.stderr
