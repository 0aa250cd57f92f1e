"""`grader doctor` tries and tells, and finds a gap where there is one; `grader run` refuses without the kernel."""

from __future__ import annotations

import ctypes
import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from grader import doctor
from grader.jail import kernel, seccomp, trials
from grader.marking import workers
from grader.marking.workers import missing_features

needs_jail = pytest.mark.skipif(
    bool(missing_features()), reason=f"the jail cannot be enforced here: {'; '.join(missing_features())}"
)
GRADER = [sys.executable, "-m", "grader"]


@needs_jail
def test_everything_is_refused_here() -> None:
    """Every trial is refused in the jail, and the main ones work without it, so that the refusal is the jail's."""
    tried, facts = doctor.self_test()
    assert len(tried) == len(trials.TRIALS) + len(doctor.STATUS)
    assert "processes 0" in facts["limits of a worker here"]
    assert [trial.line for trial in tried if not trial.refused] == []
    shown = {trial.what for trial in tried if trial.works_without}
    must = {"read a file outside Python's libraries", "write a file", "open a network socket", "become another program"}
    assert must <= shown


@needs_jail
def test_a_gap_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The positive control: where the jail is left away, every trial with a control is called a gap."""
    real = workers.Zygote
    monkeypatch.setattr(workers, "Zygote", lambda course, track, sandbox: real(course, track, "none"))
    found = doctor.examine()
    missing = {trial.what for trial in found.tried if not trial.refused}
    assert {"read a file outside Python's libraries", "write a file", "open a network socket"} <= missing
    assert "make a system call that is not on the list" in missing or not works_here()
    assert all(any(f"a worker can {what}:" in gap for gap in found.gaps) for what in missing)
    assert any(line.startswith("GAP  write a file") for line, _ in found.lines())


def works_here() -> bool:
    """Whether this process has no filter of its own, as it has in a container."""
    return "Seccomp:\t0" in Path("/proc/self/status").read_text("utf-8")


@needs_jail
def test_the_command_says_so() -> None:
    """The command prints one line a trial and a last one in ASCII without colours, and exits with 0."""
    done = subprocess.run([*GRADER, "doctor"], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("\nok   ") == len(trials.TRIALS) + len(doctor.STATUS)
    assert done.stdout.splitlines()[-1].startswith("The jail holds here")
    assert done.stdout.isascii()
    assert "\x1b" not in done.stdout


@needs_jail
def test_the_same_as_data() -> None:
    """`--json` has the facts, every trial with its control, and whether the jail holds."""
    done = subprocess.run([*GRADER, "doctor", "--json"], capture_output=True, text=True, timeout=120, check=False)
    data = json.loads(done.stdout)
    assert (data["holds"], data["gaps"], done.returncode) == (True, [], 0)
    assert data["facts"]["Landlock"].startswith("ABI ")
    assert {"what": "write a file", "refused": "refused (PermissionError)", "works_without": True} in data["tried"]


def refuse(*numbers: int, error: int) -> Callable[[], None]:
    """For a child process: a filter under which these system calls answer `error`, as another kernel would."""
    program = [(seccomp.LOAD, 0, 0, seccomp.NUMBER)]
    for number in numbers:
        program += [(seccomp.EQUAL, 0, 1, number), (seccomp.RETURN, 0, 0, seccomp.ERRNO | error)]
    program.append((seccomp.RETURN, 0, 0, seccomp.ALLOW))
    ready = seccomp.Filter(program)

    def install() -> None:
        kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
        ready.install()

    return install


def played(command: list[str], prepare: Callable[[], None]) -> subprocess.CompletedProcess[str]:
    """The command in a process that `prepare` has made another machine of."""
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, preexec_fn=prepare)


PRCTL = {"x86_64": 157, "aarch64": 167}
NO_LANDLOCK = {  # what a kernel or a container's profile answers, and what then has to be said
    "too-old": (errno.ENOSYS, "take Linux 6.2 or later"),
    "switched-off": (errno.EOPNOTSUPP, "the boot option lsm="),
    "container": (errno.EPERM, "the container's seccomp profile refuses it"),
}
takes_filters = pytest.mark.skipif(
    not seccomp.supported(), reason="another machine is played by a seccomp filter, and this one takes none"
)


@takes_filters
@pytest.mark.parametrize(("error", "advice"), NO_LANDLOCK.values(), ids=NO_LANDLOCK)
@pytest.mark.parametrize("command", ["doctor", "run"])
def test_without_landlock_it_refuses(command: str, error: int, advice: str, tmp_path: Path) -> None:
    """On a kernel without Landlock both commands say so and what to do, and nothing is graded."""
    (tmp_path / "class" / "ada").mkdir(parents=True)
    arguments = ["run", str(tmp_path / "class"), "--out", str(tmp_path / "out")] if command == "run" else ["doctor"]
    prepare = refuse(kernel.LANDLOCK_CREATE, error=error)
    done = played([*GRADER, "--course", str(Path(__file__).resolve().parents[2]), *arguments], prepare)
    assert done.returncode == (2 if command == "run" else 1)
    assert "the kernel offers no Landlock" in done.stdout + done.stderr
    assert advice in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


@takes_filters
@pytest.mark.parametrize("error", [errno.EINVAL, errno.EPERM], ids=["kernel", "container"])
def test_without_seccomp_it_refuses(error: int) -> None:
    """Where filters are refused doctor says that there is none for this kernel; nothing else is tried."""
    done = played([*GRADER, "doctor"], refuse(PRCTL[os.uname().machine], error=error))
    assert done.returncode == 1
    assert "no seccomp filter for this kernel" in done.stdout
    assert "ok   " not in done.stdout


def test_an_old_landlock_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Landlock before ABI 3 is named as too old (by a stand-in for the kernel's answer)."""
    monkeypatch.setattr(kernel, "landlock_abi", lambda: 2)
    assert any("Landlock has ABI 2 here" in problem for problem in missing_features())


EMPTYING = """
import os, sys
from grader.jail import kernel, seccomp
kernel.landlock_abi = lambda real=kernel.landlock_abi(): min(real, int(sys.argv[2]))
ready = seccomp.Filter(seccomp.program(os.uname().machine))
rules = kernel.distinct([os.path.dirname(sys.argv[1])])
kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
kernel.drop_capabilities()
kernel.landlock(rules)
ready.install()
try:
    os.open(sys.argv[1], os.O_RDONLY | os.O_TRUNC)
except PermissionError:
    pass
os._exit(0)
"""


@needs_jail
@pytest.mark.parametrize(("abi", "left"), [(2, ""), (3, "x = 1")])
def test_why_an_old_landlock_is_refused(abi: int, left: str, tmp_path: Path) -> None:
    """With the rights of ABI 2 a readable file of one's own can be emptied by opening it; with those of ABI 3 not."""
    file = tmp_path / "library" / "module.py"
    file.parent.mkdir()
    file.write_text("x = 1", "utf-8")
    subprocess.run([sys.executable, "-c", EMPTYING, str(file), str(abi)], check=True, timeout=60)
    assert file.read_text("utf-8") == left


# A container of Docker's, played: what its default profile refuses to processes without CAP_SYS_ADMIN, of which the
# newer profiles' io_uring, and the capabilities that root has in it. Numbers: x86_64, aarch64.
DOCKER_REFUSES = {
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "unshare": (272, 97), "setns": (308, 268),
    "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430), "mount_setattr": (442, 442),
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282), "keyctl": (250, 219),
    "add_key": (248, 217), "request_key": (249, 218), "io_uring_setup": (425, 425), "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427), "pidfd_getfd": (438, 438), "process_madvise": (440, 440), "kcmp": (312, 272),
    "open_by_handle_at": (304, 265), "init_module": (175, 105), "kexec_load": (246, 104), "mbind": (237, 235),
    "set_mempolicy": (238, 237), "get_mempolicy": (239, 236), "syslog": (103, 116), "quotactl": (179, 60),
    "swapon": (167, 224), "acct": (163, 89), "settimeofday": (164, 170), "reboot": (169, 142),
    "sethostname": (170, 161), "vhangup": (153, 58),
}  # fmt: skip
CLONE, CLONE3 = (56, 220), 435
NEW_NAMESPACES = 0x7E02_0000  # CLONE_NEW*: refused as flags of clone
ANY_BIT, FIRST_ARGUMENT = 0x45, 16  # jset; offset in struct seccomp_data
DOCKER_CAPABILITIES = (0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31)  # linux/capability.h
SETGID, SETUID, SETPCAP = 6, 7, 8


def docker(capabilities: tuple[int, ...]) -> Callable[[], None]:
    """For a child process of root: Docker's default profile, and root with these capabilities only."""
    column = ("x86_64", "aarch64").index(os.uname().machine)
    program = [(seccomp.LOAD, 0, 0, seccomp.NUMBER), (seccomp.EQUAL, 0, 1, CLONE3)]
    program.append((seccomp.RETURN, 0, 0, seccomp.ERRNO | errno.ENOSYS))
    for numbers in DOCKER_REFUSES.values():
        program += [(seccomp.EQUAL, 0, 1, numbers[column]), (seccomp.RETURN, 0, 0, seccomp.ERRNO | errno.EPERM)]
    program += [(seccomp.EQUAL, 0, 3, CLONE[column]), (seccomp.LOAD, 0, 0, FIRST_ARGUMENT)]
    program += [(ANY_BIT, 0, 1, NEW_NAMESPACES), (seccomp.RETURN, 0, 0, seccomp.ERRNO | errno.EPERM)]
    ready = seccomp.Filter([*program, (seccomp.RETURN, 0, 0, seccomp.ALLOW)])
    held = sum(1 << number for number in capabilities)

    def prepare() -> None:
        ready.install()
        for number in set(range(64)) - set(capabilities):
            kernel.libc.prctl(kernel.PR_CAPBSET_DROP, *(ctypes.c_ulong(word) for word in (number, 0, 0, 0)))
        header = (ctypes.c_uint32 * 2)(0x20080522, 0)
        data = (ctypes.c_uint32 * 6)(held, held, 0, 0, 0, 0)
        kernel.checked(kernel.libc.capset(ctypes.byref(header), ctypes.byref(data)), "capset")

    return prepare


plays_docker = pytest.mark.skipif(
    bool(missing_features()) or os.geteuid() != 0,
    reason="a container's root is played by root on a machine that can enforce the jail",
)


@plays_docker
def test_the_container_that_is_played() -> None:
    """The positive control: in the played container root has Docker's capabilities, and unshare is refused."""
    number = DOCKER_REFUSES["unshare"][("x86_64", "aarch64").index(os.uname().machine)]
    code = (
        "import ctypes; libc = ctypes.CDLL(None, use_errno=True); "
        f"print(libc.syscall({number}, 0), ctypes.get_errno(), open('/proc/self/status').read())"
    )
    done = played([sys.executable, "-c", code], docker(DOCKER_CAPABILITIES))
    assert done.stdout.startswith(f"-1 {errno.EPERM} ")
    assert "CapEff:\t00000000a80425fb" in done.stdout
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout.startswith(b"0 ")


@plays_docker
@pytest.mark.parametrize("capabilities", [DOCKER_CAPABILITIES, (SETGID, SETPCAP)], ids=["default", "without-setuid"])
def test_in_docker_the_jail_holds(capabilities: tuple[int, ...]) -> None:
    """Under Docker's default profile, as its root, doctor finds that the jail holds."""
    done = played([*GRADER, "doctor"], docker(capabilities))
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].startswith("The jail holds here")


@plays_docker
@pytest.mark.parametrize("command", ["doctor", "run"])
def test_root_without_capabilities_is_refused(command: str, tmp_path: Path) -> None:
    """With --cap-drop=ALL root cannot drop what it is: both commands say so and what to do, and do nothing."""
    (tmp_path / "class" / "ada").mkdir(parents=True)
    arguments = ["run", str(tmp_path / "class"), "--out", str(tmp_path / "out")] if command == "run" else ["doctor"]
    done = played([*GRADER, "--course", str(Path(__file__).resolve().parents[2]), *arguments], docker(()))
    assert done.returncode == (2 if command == "run" else 1)
    assert "root without CAP_SETGID and CAP_SETPCAP" in done.stdout + done.stderr
    assert "docker run --user" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert not (tmp_path / "out").exists()


def test_another_system_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """On macOS the one thing that is missing is Linux (a stand-in: this test runs on Linux)."""
    monkeypatch.setattr(sys, "platform", "darwin")
    assert len(missing_features()) == 1
    assert missing_features()[0].startswith("grading needs Linux; this is darwin")


# What a system lacks is hidden before anything of ours is imported. Not shown: anything else that differs there.
ELSEWHERE = """
import os, sys
import click
system, hidden = sys.argv[1], sys.argv[2].split()
for name in hidden:
    sys.modules[name] = None
if system == "win32":
    sys.modules["_winapi"] = type(sys)("_winapi")  # shutil imports it there from Python 3.14 on
    for name in ("uname", "geteuid", "getuid", "fork", "sched_getaffinity"):
        delattr(os, name)
sys.platform = system
sys.argv = ["grader", *sys.argv[3:]]
from grader.cli import main
main()
"""


@pytest.mark.parametrize(("system", "hidden"), [("darwin", ""), ("win32", "fcntl resource pwd grp")])
def test_doctor_elsewhere(system: str, hidden: str) -> None:
    """On macOS and Windows `grader doctor` says that grading needs Linux, and exits with 1 (played)."""
    command = [sys.executable, "-c", ELSEWHERE, system, hidden, "doctor"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1, done.stderr
    assert f"grading needs Linux; this is {system}" in done.stdout
    assert "Traceback" not in done.stderr


def test_run_elsewhere(tmp_path: Path) -> None:
    """On macOS `grader run` says that grading needs Linux, with or without the jail, and exits with 2 (played)."""
    (tmp_path / "class" / "ada").mkdir(parents=True)
    course = str(Path(__file__).resolve().parents[2])
    run = ["--course", course, "run", str(tmp_path / "class"), "--out", str(tmp_path / "out")]
    for sandbox in ("jail", "none"):
        command = [sys.executable, "-c", ELSEWHERE, "darwin", "", *run, "--sandbox", sandbox]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 2, done.stderr
        assert "grading needs Linux; this is darwin" in done.stderr
        assert "Traceback" not in done.stderr
        assert not (tmp_path / "out").exists()
