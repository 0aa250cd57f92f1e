"""`grader doctor` tries and tells, and finds a gap where there is one; `grader run` refuses without the kernel."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from grader import doctor
from grader.jail import kernel, seccomp, trials
from grader.jail.policy import ALLOWED
from grader.marking.workers import missing_features

needs_jail = pytest.mark.skipif(
    bool(missing_features()), reason=f"the jail cannot be enforced here: {'; '.join(missing_features())}"
)
GRADER = [sys.executable, "-m", "grader"]


@needs_jail
def test_everything_is_refused_here() -> None:
    """Every trial is refused in the jail, and the main ones work without it, so that the refusal is the jail's."""
    tried = doctor.self_test()
    assert len(tried) == len(trials.TRIALS)
    assert [trial.line for trial in tried if not trial.refused] == []
    shown = {trial.what for trial in tried if trial.works_without}
    must = {"read a file outside Python's libraries", "write a file", "open a network socket", "become another program"}
    assert must <= shown


@needs_jail
def test_a_gap_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The positive control: where the jail is left away, every trial with a control is called a gap."""
    real = doctor.Zygote
    monkeypatch.setattr(doctor, "Zygote", lambda course, track, sandbox: real(course, track, "none"))
    tried, gaps = doctor.examine()
    assert "a worker can read a file outside Python's libraries" in gaps
    assert "a worker can open a network socket" in gaps
    assert any(trial.line.startswith("GAP  write a file") for trial in tried)


@needs_jail
def test_the_command_says_so() -> None:
    """The command prints one line a trial and a last one, and exits with 0."""
    done = subprocess.run([*GRADER, "doctor"], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("\nok   ") == len(trials.TRIALS)
    assert done.stdout.splitlines()[-1].startswith("The jail holds here")


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


PRCTL = {"x86_64": 157, "aarch64": 167}
ENOSYS, EOPNOTSUPP, EINVAL = 38, 95, 22


@pytest.mark.parametrize("error", [ENOSYS, EOPNOTSUPP], ids=["too-old", "switched-off"])
@pytest.mark.parametrize("command", ["doctor", "run"])
def test_without_landlock_it_refuses(command: str, error: int, tmp_path: Path) -> None:
    """On a kernel without Landlock both commands say so and what to do, and nothing is graded."""
    if not seccomp.supported():
        pytest.skip("a kernel without Landlock is played by a seccomp filter, and this machine takes none")
    (tmp_path / "class" / "ada").mkdir(parents=True)
    arguments = ["run", str(tmp_path / "class"), "--out", str(tmp_path / "out")] if command == "run" else ["doctor"]
    done = subprocess.run(
        [*GRADER, "--course", str(Path(__file__).resolve().parents[2]), *arguments],
        capture_output=True, text=True, timeout=120, check=False,
        preexec_fn=refuse(kernel.LANDLOCK_CREATE, error=error),
    )  # fmt: skip
    assert done.returncode == (2 if command == "run" else 1)
    assert "the kernel offers no Landlock" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_without_seccomp_it_refuses() -> None:
    """Where filters are refused doctor says that there is none for this kernel; nothing else is tried."""
    machine = os.uname().machine
    if not seccomp.supported():
        pytest.skip("played by a seccomp filter, and this machine takes none")
    done = subprocess.run(
        [*GRADER, "doctor"], capture_output=True, text=True, timeout=120, check=False,
        preexec_fn=refuse(PRCTL[machine], error=EINVAL),
    )  # fmt: skip
    assert done.returncode == 1
    assert "no seccomp filter for this kernel" in done.stdout
    assert "ok   " not in done.stdout


def test_another_system_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """On macOS the one thing that is said is that grading needs Linux (a stand-in: this test runs on Linux)."""
    monkeypatch.setattr(sys, "platform", "darwin")
    assert missing_features() == ["grading needs Linux; this is darwin"]


def test_no_dangerous_call_is_allowed() -> None:
    """On both architectures: no call that makes a process, a descriptor to others, a file, or more rights."""
    dangerous = (
        "clone clone3 fork vfork execve execveat socket socketpair connect bind sendmsg sendto recvmsg ptrace "
        "kill tkill tgkill process_vm_readv process_vm_writev io_uring_setup io_uring_enter userfaultfd keyctl "
        "add_key request_key bpf perf_event_open memfd_create prlimit64 setrlimit pidfd_open pidfd_getfd "
        "pidfd_send_signal mount unshare setns open_by_handle_at name_to_handle_at unlink unlinkat rename "
        "renameat renameat2 link linkat symlink symlinkat mkdir mkdirat mknod mknodat chmod fchmod fchmodat chown "
        "fchown setuid setresuid capset chroot pivot_root init_module kexec_load personality shmget shmat msgget "
        "semget mq_open splice vmsplice sendfile "
    )
    assert not {name for name in ALLOWED if name in dangerous.split()}
