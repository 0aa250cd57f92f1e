"""`grader run` as an instructor types it, on the mini course."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

HandIn = Callable[..., Path]
DOUBLE, QUAD = "01_double/double.py", "02_quad/quad.py"
WRONG_DOUBLE = "def double(x):\n    if x < 0:\n        raise ValueError\n    return 3 * x\n"


def grader(course: Path, *arguments: object, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "grader", "--course", str(course), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, **options)  # type: ignore[call-overload]  # options of subprocess.run


def grade(course: Path, folder: Path, *options: object) -> dict[str, dict]:
    """Run the grader, which must succeed, and return the records by learner."""
    out = folder.parent / "out"
    done = grader(course, "run", folder, "--out", out, "--seed", 7, *options)
    assert done.returncode == 0, done.stdout + done.stderr
    return {file.stem: json.loads(file.read_text("utf-8")) for file in (out / "records").glob("*.json")}


def by_check(record: dict) -> dict[str, dict]:
    return {outcome["check"]: outcome for module in record["modules"] for outcome in module["outcomes"]}


def rows(folder: Path) -> list[list[str]]:
    with (folder.parent / "out" / "grades.csv").open(newline="") as file:
        return list(csv.reader(file))


def test_right_answers_get_all_points(mini: Path, hand_in: HandIn, right: dict[str, str]) -> None:
    """A correct submission passes every check on its own chain, and grades.csv has the promised columns."""
    folder = hand_in("ada", right)
    record = grade(mini, folder)["ada"]
    assert {(o["status"], o["chain"]) for o in by_check(record).values()} == {("passed", "own")}
    assert rows(folder) == [
        ["learner", "01_double/pure", "02_quad/pure", "total", "status"],
        ["ada", "4", "4", "8", "graded"],
    ]
    assert by_check(record)["test_twice"]["sentence"] == "double(x) is 2 x."
    assert (record["seed"], record["sandbox"]["level"]) == (7, "jail")


def test_an_error_in_an_earlier_step_is_carried_forward(mini: Path, hand_in: HandIn, right: dict[str, str]) -> None:
    """A right step on top of a wrong one passes over the reference, and the record says so."""
    folder = hand_in("ada", right | {DOUBLE: WRONG_DOUBLE})
    checks = by_check(grade(mini, folder)["ada"])
    assert (checks["test_twice"]["status"], checks["test_twice"]["hint"]) == ("failed", "What is 2 * x?")
    assert checks["test_twice"]["reason"] == "the answer has a wrong value"
    assert checks["test_four_times"]["reason"] == ""
    assert "1 check right on top of the reference" in (folder.parent / "out" / "report.html").read_text("utf-8")
    assert (checks["test_four_times"]["status"], checks["test_four_times"]["chain"]) == ("passed", "reference")


def test_a_step_without_its_earlier_ones_is_graded(mini: Path, hand_in: HandIn, right: dict[str, str]) -> None:
    """Only 02 is handed in: 01 is missing, and 02 passes over the reference."""
    folder = hand_in("ada", {QUAD: right[QUAD]})
    checks = by_check(grade(mini, folder)["ada"])
    assert checks["test_twice"]["reason"] == "01_double/double.py is not in the submission"
    assert (checks["test_four_times"]["status"], checks["test_four_times"]["chain"]) == ("passed", "reference")
    assert checks["test_four_times"]["reason"] == "the earlier steps were not handed in: the reference's were used"
    assert "on top of" not in (folder.parent / "out" / "report.html").read_text("utf-8")


def test_text_raised_beside_the_reference_is_not_shown(mini: Path, hand_in: HandIn) -> None:
    """Learner code that runs over the reference cannot quote it in an error's text."""
    thief = "import double, linecache\ndef quad(x):\n    raise KeyError(double.__spec__.loader.source.decode())\n"
    folder = hand_in("ada", {DOUBLE: "raise RuntimeError('mine')\n", QUAD: thief})
    everything = json.dumps(grade(mini, folder)) + (folder.parent / "out" / "report.html").read_text("utf-8")
    assert "return 2 * x" not in everything
    assert "raised" in everything


def test_steps_can_be_chosen(mini: Path, hand_in: HandIn, right: dict[str, str]) -> None:
    """--step leaves the other steps' columns out."""
    folder = hand_in("ada", right)
    grade(mini, folder, "--step", "02_quad")
    assert rows(folder) == [["learner", "02_quad/pure", "total", "status"], ["ada", "4", "4", "graded"]]


def test_a_loop_costs_its_budget_and_stops_nobody(mini: Path, hand_in: HandIn, right: dict[str, str]) -> None:
    """After two time-outs of a module its other checks are not run, and other learners are graded as ever."""
    body = "def double(x):\n    while True:\n        pass\n"
    folder = hand_in("loop", right | {DOUBLE: body})
    hand_in("ada", right)
    with (mini / "course.toml").open("a") as manifest:
        manifest.write("\n[steps.02_quad.pure.checks.test_again]\npoints = 0\nhint = ''\n")
    suite = mini / "tests" / "hidden" / "02_quad" / "test_quad.py"
    suite.write_text(
        suite.read_text() + '\ndef test_again(check):\n    """Again."""\n    check.same("four_times", 2.0)\n'
    )
    records = grade(mini, folder)
    checks = by_check(records["loop"])
    assert checks["test_twice"]["cause"] == checks["test_negative"]["cause"] == "timed out"
    assert "1 s of CPU time" in checks["test_twice"]["reason"]
    assert (checks["test_four_times"]["status"], checks["test_four_times"]["chain"]) == ("passed", "reference")
    assert {o["status"] for o in by_check(records["ada"]).values()} == {"passed"}


def test_two_time_outs_are_enough(mini: Path, hand_in: HandIn) -> None:
    """The third check of a module that timed out twice says so, and is not called the learner's failure."""
    suite = mini / "tests" / "hidden" / "01_double" / "test_double.py"
    suite.write_text(suite.read_text() + '\ndef test_third(check):\n    """Third."""\n    check.same("twice", 2.0)\n')
    manifest = mini / "course.toml"
    text = manifest.read_text().replace("test_negative =", "test_third = { points = 1, hint = 'x' }\ntest_negative =")
    manifest.write_text(text)
    folder = hand_in("loop", {DOUBLE: "def double(x):\n    while True:\n        pass\n"})
    outcomes = grade(mini, folder, "--step", "01_double")["loop"]["modules"][0]["outcomes"]
    assert [outcome["status"] for outcome in outcomes] == ["failed", "failed", "not run"]
    assert outcomes[2]["reason"] == "not run because it timed out twice"


def test_a_submission_has_a_budget(mini: Path, hand_in: HandIn, right: dict[str, str]) -> None:
    """Calls that are each within their limit use up the submission's CPU time; what is left is then not run."""
    manifest = mini / "course.toml"
    manifest.write_text(manifest.read_text().replace("submission_cpu_seconds = 20", "submission_cpu_seconds = 0.5"))
    body = "import time\ndef double(x):\n    end = time.process_time() + 0.6\n    while time.process_time() < end:\n"
    folder = hand_in("slow", right | {DOUBLE: body + "        pass\n    return 2 * x\n"})
    checks = by_check(grade(mini, folder)["slow"])
    assert checks["test_twice"]["cause"] == "timed out"
    assert checks["test_negative"]["status"] == checks["test_four_times"]["status"] == "not run"
    assert checks["test_four_times"]["reason"] == "not run because the submission had used up its time"


LIES = {
    "always equal": "class E(float):\n    def __eq__(self, x): return True\ndef double(x):\n    return E(1)\n",
    "not a number": "def double(x):\n    return float('nan')\n",
    "infinite": "def double(x):\n    return float('inf')\n",
    "None": "def double(x):\n    return None\n",
    "an object": "def double(x):\n    return object()\n",
    "exits": "import os\ndef double(x):\n    os._exit(0)\n",
    "exits politely": "import sys\ndef double(x):\n    sys.exit(0)\n",
    "exits at import": "raise SystemExit(0)\n",
    "raises what is asked for, at import": "raise ValueError('negative')\n",
    "is not Python": "def double(x:\n",
    "is not text": "\x00\x01",
    "deep": "def double(x):\n    out = []\n    for i in range(10**6):\n        out = [out]\n    return out\n",
    "hostile error": "class X(Exception):\n    def __str__(self): raise SystemExit\ndef double(x):\n    raise X\n",
}


def test_no_lie_earns_a_point(mini: Path, hand_in: HandIn, right: dict[str, str]) -> None:
    """Whatever a wrong answer returns or does, it gets nothing, and the run and its neighbour finish right."""
    folder = hand_in("ada", right)
    for learner, source in LIES.items():
        hand_in(learner, {DOUBLE: source})
    records = grade(mini, folder, "--step", "01_double", "--jobs", 1)
    for learner in LIES:
        assert {o["status"] for o in by_check(records[learner]).values()} == {"failed"}, learner
    assert {o["status"] for o in by_check(records["ada"]).values()} == {"passed"}


def test_nothing_of_one_learner_reaches_the_next(mini: Path, hand_in: HandIn, right: dict[str, str]) -> None:
    """What one submission does to the interpreter it runs in is gone for the next one in the same grading process."""
    poison = (
        "import builtins, math, random, sys\n"
        "builtins.float = int\nmath.isfinite = lambda x: True\nrandom.seed = None\nsys.modules['double2'] = math\n"
        "sys.setrecursionlimit(60)\nbuiltins.visited = True\n"
    )
    probe = "import builtins, sys\nassert not hasattr(builtins, 'visited') and 'double2' not in sys.modules\n"
    folder = hand_in("a", right | {DOUBLE: poison + right[DOUBLE]})
    hand_in("b", right | {DOUBLE: probe + right[DOUBLE]})
    records = grade(mini, folder, "--jobs", 1)
    assert {o["status"] for o in by_check(records["b"]).values()} == {"passed"}


def test_a_stray_file_shadows_nothing(mini: Path, hand_in: HandIn, right: dict[str, str]) -> None:
    """A learner's helper file can be imported; one that is called like a library module takes nobody's place."""
    files = {
        DOUBLE: "import helper, random, colorsys\n" + right[DOUBLE].replace("2 * x", "helper.TWO * x"),
        "01_double/helper.py": "TWO = 2\n",
        "01_double/random.py": "raise RuntimeError('the wrong random')\n",
        "01_double/colorsys.py": "raise RuntimeError('the wrong colorsys')\n",
        "01_double/probes.py": "raise RuntimeError('the wrong probes')\n",
    }
    record = grade(mini, hand_in("ada", files), "--step", "01_double")["ada"]
    assert {o["status"] for o in by_check(record).values()} == {"passed"}


def test_the_same_seed_gives_the_same_records(mini: Path, hand_in: HandIn, right: dict[str, str]) -> None:
    """Apart from times, a second run from scratch finds the same out."""
    hand_in("bob", right | {DOUBLE: WRONG_DOUBLE})
    folder = hand_in("ada", right)

    def without_times(record: object) -> object:
        if isinstance(record, dict):
            return {key: without_times(value) for key, value in record.items() if key != "seconds"}
        return [without_times(value) for value in record] if isinstance(record, list) else record

    first = without_times(grade(mini, folder))
    shutil.rmtree(folder.parent / "out")
    assert without_times(grade(mini, folder)) == first


def test_only_what_changed_is_graded_again(mini: Path, hand_in: HandIn, right: dict[str, str]) -> None:
    """A second run leaves the records of unchanged submissions untouched and replaces the others."""
    folder = hand_in("ada", right)
    hand_in("bob", right)
    grade(mini, folder)
    records = folder.parent / "out" / "records"
    before = {file.stem: file.stat().st_mtime_ns for file in records.iterdir()}
    hand_in("bob", {DOUBLE: WRONG_DOUBLE})
    hand_in("eve", right)
    done = grader(mini, "run", folder, "--out", folder.parent / "out")
    assert "1 of 3 are graded already" in done.stdout
    after = {file.stem: file.stat().st_mtime_ns for file in records.iterdir()}
    assert after["ada"] == before["ada"]
    assert after["bob"] != before["bob"]
    assert [[row[0], row[3]] for row in rows(folder)[1:]] == [["ada", "8"], ["bob", "5"], ["eve", "8"]]
    assert json.loads((records / "eve.json").read_text())["seed"] == 7  # the run's seed, kept in run.json


def test_changed_points_need_no_grading(mini: Path, hand_in: HandIn, right: dict[str, str]) -> None:
    """After points or titles have changed nobody is graded again, and the grades are those of the new points."""
    folder = hand_in("ada", right)
    grade(mini, folder)
    record = folder.parent / "out" / "records" / "ada.json"
    before = record.stat().st_mtime_ns
    manifest = (mini / "course.toml").read_text()
    (mini / "course.toml").write_text(manifest.replace("points = 3,", "points = 5.5,").replace("Twice", "Two times"))
    done = grader(mini, "run", folder, "--out", folder.parent / "out")
    assert "1 of 1 are graded already" in done.stdout
    assert record.stat().st_mtime_ns == before
    assert rows(folder)[1] == ["ada", "6.5", "4", "10.5", "graded"]


@pytest.mark.parametrize("old", ["memory_mib = 256", 'hint = "double() twice"', 'needs = ["01_double"]'])
def test_another_course_is_graded_again(mini: Path, hand_in: HandIn, right: dict[str, str], old: str) -> None:
    """Limits, hints and what builds on what are in the record or decide about it: then everybody is graded again."""
    folder = hand_in("ada", right)
    grade(mini, folder)
    manifest = (mini / "course.toml").read_text()
    new = {"memory_mib = 256": "memory_mib = 255"}.get(old, old.split(" = ")[0] + (" = []" if "[" in old else ' = "?"'))
    assert old in manifest
    (mini / "course.toml").write_text(manifest.replace(old, new))
    done = grader(mini, "run", folder, "--out", folder.parent / "out")
    assert "1 graded again" in done.stdout


def test_fresh_grades_everybody(mini: Path, hand_in: HandIn, right: dict[str, str]) -> None:
    """With --fresh nothing counts as graded already; the seed stays that of the output folder."""
    folder = hand_in("ada", right)
    grade(mini, folder)
    record = folder.parent / "out" / "records" / "ada.json"
    before = record.stat().st_mtime_ns
    done = grader(mini, "run", folder, "--out", folder.parent / "out", "--fresh")
    assert "graded already" not in done.stdout
    assert record.stat().st_mtime_ns > before
    assert json.loads(record.read_text())["seed"] == 7


def test_a_killed_run_goes_on(mini: Path, hand_in: HandIn, right: dict[str, str]) -> None:
    """After kill -9 in mid-run, the same command grades the rest, and the result is that of an undisturbed run."""
    for number in range(12):
        slow = "import time\ntime.sleep(0.3)\n" + right[DOUBLE]
        folder = hand_in(f"learner{number:02}", right | {DOUBLE: slow})
    out = folder.parent / "out"
    command = [sys.executable, "-m", "grader", "--course", mini, "run", folder, "--out", out, "--seed", "7"]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while len(list((out / "records").glob("l*.json"))) < 2 and running.poll() is None:
        time.sleep(0.01)
    running.kill()
    running.wait()
    finished = len(list((out / "records").glob("*.json")))
    assert 2 <= finished < 12
    records = grade(mini, folder)
    assert len(records) == 12
    assert {o["status"] for record in records.values() for o in by_check(record).values()} == {"passed"}
    assert {row[-2] for row in rows(folder)[1:]} == {"8"}


def zygotes_of(run: int) -> list[int]:
    """The zygotes under a grading run: its grandchildren."""

    def parent(process: Path) -> int:
        return int((process / "stat").read_text().rsplit(")", 1)[1].split()[1])

    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if b"grader.jail.zygote" in (process / "cmdline").read_bytes():
                grandparent = parent(Path("/proc") / str(parent(process)))
                found += [int(process.name)] if grandparent == run and parent(process) != run else []
        except OSError:  # it ended while we looked
            continue
    return found


def test_a_killed_zygote_spoils_at_most_what_it_was_doing(mini: Path, hand_in: HandIn, right: dict[str, str]) -> None:
    """When a zygote is killed in mid-run the next submissions get a new one, and a second run grades what was lost."""
    for number in range(8):
        slow = "import time\ntime.sleep(0.3)\n" + right[DOUBLE]
        folder = hand_in(f"learner{number:02}", right | {DOUBLE: slow})
    out = folder.parent / "out"
    command = [
        sys.executable,
        "-m",
        "grader",
        "--course",
        mini,
        "run",
        folder,
        "--out",
        out,
        "--seed",
        "7",
        "--jobs",
        "1",
    ]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    while len(list((out / "records").glob("l*.json"))) < 2 and running.poll() is None:
        time.sleep(0.01)
    (zygote,) = zygotes_of(running.pid)
    os.kill(zygote, signal.SIGKILL)
    printed, _ = running.communicate(timeout=60)
    assert running.returncode == 1, printed
    assert "1 not graded:" in printed
    assert "Traceback" not in printed
    records = grade(mini, folder)
    assert {o["status"] for record in records.values() for o in by_check(record).values()} == {"passed"}
    assert len(records) == 8


def test_ctrl_c_finishes_what_is_at_hand(mini: Path, hand_in: HandIn, right: dict[str, str]) -> None:
    """Ctrl-C writes the records that are under way and the tables, says how to go on, and exits with 130."""
    for number in range(12):
        slow = "import time\ntime.sleep(0.3)\n" + right[DOUBLE]
        folder = hand_in(f"learner{number:02}", right | {DOUBLE: slow})
    out = folder.parent / "out"
    command = [sys.executable, "-m", "grader", "--course", mini, "run", folder, "--out", out, "--seed", "7"]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    while not list((out / "records").glob("l*.json")) and running.poll() is None:
        time.sleep(0.01)
    running.send_signal(signal.SIGINT)
    printed, _ = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "the same command goes on from here" in printed
    assert "Traceback" not in printed
    states = [row[-1] for row in rows(folder)[1:]]
    assert 1 <= states.count("graded") == len(list((out / "records").glob("*.json"))) < 12
    assert states.count("not graded") == 12 - states.count("graded")
    last = (out / "grader.log").read_text("utf-8").splitlines()[-1]
    graded = states.count("graded")
    assert last.endswith(f"interrupted: {graded} graded, 0 not graded, {12 - graded} still to do")


def test_a_broken_check_is_a_fault_and_costs_nothing(mini: Path, hand_in: HandIn, right: dict[str, str]) -> None:
    """A hidden test that itself fails is named, the exit code is 1, and nobody calls it the learner's failure."""
    suite = mini / "tests" / "hidden" / "02_quad" / "test_quad.py"
    suite.write_text('def test_four_times(check):\n    """4 x."""\n    return 1 / 0\n')
    folder = hand_in("ada", right)
    done = grader(mini, "run", folder, "--out", folder.parent / "out")
    assert done.returncode == 1
    assert "ada: 02_quad/pure test_four_times: the hidden test itself failed: ZeroDivisionError" in done.stdout
    record = json.loads((folder.parent / "out" / "records" / "ada.json").read_text())
    assert by_check(record)["test_four_times"]["status"] == "fault"


def test_a_reference_that_fails_is_a_fault(mini: Path, hand_in: HandIn, right: dict[str, str]) -> None:
    """When the solution itself cannot answer, the learner is not graded, whatever they handed in."""
    (mini / "solutions" / "01_double" / "double.py").write_text("raise RuntimeError\n")
    folder = hand_in("ada", right)
    done = grader(mini, "run", folder, "--out", folder.parent / "out", "--step", "01_double")
    assert done.returncode == 1
    assert "the reference raised RuntimeError" in done.stdout


def test_an_unreadable_file_is_not_a_missing_one(mini: Path, hand_in: HandIn, right: dict[str, str]) -> None:
    """A file that the grader may not read leaves that learner ungraded and named; the others are graded."""
    if os.geteuid() == 0:
        pytest.skip("root can read every file")
    folder = hand_in("ada", right)
    hand_in("bob", right)
    (folder / "bob" / "exercises" / DOUBLE).chmod(0)
    done = grader(mini, "run", folder, "--out", folder.parent / "out")
    assert done.returncode == 1
    assert "double.py: cannot be read: Permission denied" in done.stdout
    assert [[row[0], row[-1]] for row in rows(folder)[1:]] == [["ada", "graded"], ["bob", "not graded"]]


def test_names_of_learners_may_be_anything(mini: Path, hand_in: HandIn, right: dict[str, str]) -> None:
    """Spaces, accents, markup, a very long name and bytes that are not UTF-8 come through to every report."""
    names = ["Ada Lovelace", "Zoë Ünal", "<b>bold<b>", "[red]rich[red]", "x" * 250, "-rf"]
    for name in names:
        folder = hand_in(name, right)
    odd = os.fsencode(folder) + b"/caf\xe9"
    shutil.copytree(folder / "-rf", os.fsdecode(odd))
    records = grade(mini, folder)
    assert {record["learner"] for record in records.values()} == {*names, "caf\\xe9"}
    page = (folder.parent / "out" / "report.html").read_text("utf-8")
    assert "<b>bold<b>" not in page
    assert "&lt;b&gt;bold&lt;b&gt;" in page
    # a spreadsheet would compute what begins with a minus: an apostrophe makes it text
    assert {row[0] for row in rows(folder)[1:]} == {*names, "caf\\xe9", "'-rf"} - {"-rf"}


def test_pytests_own_settings_change_nothing(
    mini: Path, hand_in: HandIn, right: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Options and plugins that a machine sets for pytest do not reach the hidden suites."""
    monkeypatch.setenv("PYTEST_ADDOPTS", "--no-such-option -k nothing")
    monkeypatch.setenv("PYTEST_PLUGINS", "no_such_plugin")
    record = grade(mini, hand_in("ada", right))["ada"]
    assert {outcome["status"] for outcome in by_check(record).values()} == {"passed"}


def test_two_runs_into_one_folder(mini: Path, hand_in: HandIn, right: dict[str, str]) -> None:
    """The second of two runs into one output folder refuses at once."""
    folder = hand_in("ada", right | {DOUBLE: "import time\ntime.sleep(8)\n" + right[DOUBLE]})
    out = folder.parent / "out"
    command = [sys.executable, "-m", "grader", "--course", mini, "run", folder, "--out", out]
    first = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not (out / "run.json").is_file() and first.poll() is None:
            time.sleep(0.01)
        done = grader(mini, "run", folder, "--out", out)
        assert done.returncode == 2
        assert "another grader run is writing here" in done.stderr
    finally:
        first.kill()
        first.wait()


def test_the_terminal_can_be_plain(mini: Path, hand_in: HandIn, right: dict[str, str]) -> None:
    """On a terminal that has only ASCII nothing else is printed, and without a terminal there is no colour."""
    folder = hand_in("Zoë", right)
    environment = {**os.environ, "PYTHONIOENCODING": "ascii:backslashreplace"}
    done = grader(mini, "run", folder, "--out", folder.parent / "out", env=environment)
    assert done.returncode == 0, done.stderr
    assert done.stdout.isascii()
    assert "\x1b" not in done.stdout + done.stderr
