"""What a learner sees when they type `pytest`: exercises/conftest.py and the files beside it, driven for real.

Runs pytest in processes of its own over a small course in a temporary folder. That course has steps of other names
than the real one, because the learner's side must know no step by name.
"""

from __future__ import annotations

import importlib.util
import itertools
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from learners import hiding

EXERCISES = Path(__file__).resolve().parents[2] / "exercises"
SUPPORT = ("conftest.py", "expect.py", "explain.py", "progress.py")
ALONE = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
HAS_TORCH = importlib.util.find_spec("torch") is not None

VALUE = """
class Value:
    def __init__(self, data):
        self.data, self.grad, self._children, self._local_grads = float(data), 0.0, (), ()

    def plus(self, number):
        return Value(self.data + number)
"""

VALUE_STUB = """
class Value:
    def __init__(self, data):
        raise NotImplementedError("01_value: write Value.__init__() in value.py")

    def plus(self, number):
        raise NotImplementedError("01_value: write Value.plus() in value.py")
"""

VALUE_TESTS = '''
import expect

def test_a_value_keeps_its_number(value):
    """Value(2).data is 2."""
    expect.close(expect.value(value.Value(2), "Value(2)"), 2.0, "Value(2).data")

def test_plus_adds(value):
    """plus(n) is larger by n."""
    expect.close(value.Value(2).plus(3).data, 5.0, "Value(2).plus(3).data")

def test_plus_makes_a_new_value(value):
    """plus leaves its operand alone."""
    a = value.Value(2)
    assert a.plus(3) is not a, "plus() returned its operand"
'''

TOWER = """
from value import Value

def tower(x, height):
    return [x.plus(i) for i in range(height)]

def top(x, height):
    if height < 1:
        raise ValueError("no tower")
    return tower(x, height)[-1]
"""

TOWER_STUB = """
from value import Value

def tower(x, height):
    raise NotImplementedError("02_tower: write tower() in tower.py")

def top(x, height):
    raise NotImplementedError("02_tower: write top() in tower.py")
"""

TOWER_TESTS = '''
import expect

def test_floors_rise_by_one(tower, value):
    """Floor i of a tower on x is x + i."""
    floors = expect.values(tower.tower(value.Value(0.5), 3), 3, "tower(0.5, 3)")
    expect.close(floors, [0.5, 1.5, 2.5], "tower(0.5, 3)")

def test_the_top_is_the_last_floor(tower, value):
    """top(x, n) is the last floor."""
    expect.close(expect.value(tower.top(value.Value(0.5), 4), "top(0.5, 4)"), 3.5, "top(0.5, 4)")

def test_no_top_without_a_tower(tower, value):
    """A tower without floors raises ValueError."""
    expect.error(ValueError, "top(0.5, 0)", tower.top, value.Value(0.5), 0)
'''

CITY = """
from tower import tower
from value import Value

def city(heights):
    return [floor for height in heights for floor in tower(Value(height), height)]
"""

CITY_TESTS = '''
import expect

def test_towers_stand_in_a_row(city):
    """A city lists the floors of its towers in order."""
    got = expect.values(city.city([1, 2]), 3, "city([1, 2])")
    expect.close(got, [1.0, 2.0, 3.0], "city([1, 2])")
'''

VALUE_TORCH_TESTS = '''
import expect
import torch

def test_one_thread_is_used(value_torch):
    """Tensors are small here."""
    value_torch.twice
    assert torch.get_num_threads() == 1, "more than one thread is in use"

def test_twice_keeps_the_shape(value_torch):
    """twice(x) has the shape of x."""
    x = torch.tensor([[1.0, 2.0, 3.5]])
    expect.tensor(value_torch.twice(x), (1, 3), "twice(x)", torch.float32)
'''

DONE = {
    "01_value/value.py": VALUE,
    "01_value/test_value.py": VALUE_TESTS,
    "02_tower/tower.py": TOWER,
    "02_tower/test_tower.py": TOWER_TESTS,
    "03_city/city.py": CITY,
    "03_city/test_city.py": CITY_TESTS,
}
STUBS = {"01_value/value.py": VALUE_STUB, "02_tower/tower.py": TOWER_STUB}


# pytest with Ctrl-C as in a terminal: a job in the background of some shells is started with SIGINT ignored
INTERRUPTIBLE = (
    "import signal, sys, pytest; signal.signal(signal.SIGINT, signal.default_int_handler); sys.exit(pytest.main())"
)


class Course:
    """A folder as a learner has it: `exercises` and a small pytest.ini, nothing else."""

    def __init__(self, root):
        self.root = root
        self.exercises = root / "exercises"
        self.exercises.mkdir()
        for name in SUPPORT:
            shutil.copy(EXERCISES / name, self.exercises)
        (root / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\naddopts = -p no:cacheprovider\n")
        self.write(DONE)

    def write(self, files):
        for name, text in files.items():
            path = self.exercises / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)

    def pytest(self, *arguments, cwd="", **environment):
        """As learners have it, with no other package's plugins: those take four times as long to load as all else."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "PY_COLORS", "MICROGPT"))}
        return subprocess.run(
            [sys.executable, "-m", "pytest", *arguments],
            cwd=self.root / cwd,
            env={**kept, **ALONE, "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "100", **environment},
            capture_output=True,
            text=True,
            timeout=60,
        )

    def screen(self, *arguments, code=1, **options):
        """What is printed, after the exit code was as expected, stderr empty, and no traceback shown."""
        run = self.pytest(*arguments, **options)
        assert run.returncode == code, run.stdout + run.stderr
        assert not any(word in run.stdout for word in ("Traceback", "conftest.py", "INTERNALERROR")), run.stdout
        assert run.stderr == ""
        assert run.stdout.isascii()
        return run.stdout


@pytest.fixture
def course(tmp_path):
    return Course(tmp_path)


def replaced(text, old, new):
    assert text.count(old) == 1, f"{old!r} must stand once in the text"
    return text.replace(old, new)


def paragraph(screen, start):
    """The lines from the one that is `start` to the next empty one."""
    lines = screen.splitlines()
    assert start in lines, screen
    rest = lines[lines.index(start) :]
    return rest[: rest.index("")]


def progress(screen):
    """The lines of the map."""
    lines = screen.splitlines()
    start = next(i for i, line in enumerate(lines) if line.strip("= ") == "progress")
    return list(lines[start + 1 : -1])


# Everything right


@pytest.mark.parametrize("plugins", [ALONE, dict.fromkeys(ALONE, "")], ids=["pytest alone", "with other plugins"])
def test_a_finished_course_is_done_and_says_so(course, plugins):
    screen = course.screen("exercises", code=0, **plugins)
    assert progress(screen) == [
        "01_value        done",
        "02_tower        done",
        "03_city         done",
        "Next: nothing. 03_city is the last step here, and it is done",
    ]


@pytest.mark.parametrize(
    ("arguments", "cwd", "following"),
    [
        (["exercises/02_tower"], "", "exercises/03_city/test_city.py"),
        (["exercises/02_tower/test_tower.py"], "", "exercises/03_city/test_city.py"),
        (["02_tower"], "exercises", "03_city/test_city.py"),
        ([], "exercises/02_tower", "../03_city/test_city.py"),
    ],
)
def test_a_step_runs_from_every_folder_and_the_next_command_fits_it(course, arguments, cwd, following):
    screen = course.screen(*arguments, cwd=cwd, code=0)
    assert progress(screen) == ["02_tower        done", f"Next: pytest {following}"]


def test_the_lesson_of_the_next_step_comes_before_its_tests(course):
    course.write({"03_city/README.md": "# Cities"})
    screen = course.screen("exercises/02_tower", code=0)
    assert progress(screen)[-1] == "Next: read exercises/03_city/README.md, then pytest exercises/03_city/test_city.py"


def test_a_finished_step_can_be_seen_at_work_and_an_unfinished_one_has_a_hint(course):
    course.write({"02_tower/explore.py": "", "02_tower/hints.toml": "", "03_city/hints.toml": ""})
    assert progress(course.screen("exercises/02_tower", code=0)) == [
        "02_tower        done",
        "Next: pytest exercises/03_city/test_city.py",
        "See it at work: python exercises/02_tower/explore.py",
    ]
    hide(course, "matplotlib")
    screen = course.screen("-p", "hide", "exercises/02_tower", code=0, PYTHONPATH=str(course.root))
    assert progress(screen)[-1] == ("See it at work: pip install matplotlib, then python exercises/02_tower/explore.py")
    course.write({"02_tower/tower.py": TOWER_STUB})
    assert progress(course.screen("exercises/02_tower")) == [
        "02_tower        not started",
        "Next: pytest exercises/02_tower/test_tower.py",
        "A hint: python exercises/microgpt.py hint 02",
    ]


def test_the_last_step_by_itself_is_not_the_whole_course(course):
    course.write({"microgpt.py": ""})
    assert progress(course.screen("exercises/03_city", code=0))[-1] == (
        "Next: pytest exercises shows whether all steps are done"
    )
    assert progress(course.screen("exercises", code=0))[-1] == (
        "Next: all steps are done. Train your own GPT: python exercises/microgpt.py train"
    )


def test_one_test_of_many_is_not_a_finished_step(course):
    screen = course.screen("exercises/01_value/test_value.py::test_plus_adds", code=0)
    assert progress(screen) == [
        "01_value        1 of 3 tests, 2 not run",
        "Next: pytest exercises/01_value/test_value.py",
    ]


# Not written yet


def test_an_untouched_stub_is_one_sentence(course):
    course.write(STUBS)
    screen = course.screen("exercises/01_value")
    assert paragraph(screen, "01_value: write Value.__init__() in value.py") == [
        "01_value: write Value.__init__() in value.py",
        "  3 tests fail for this reason:",
        "    test_a_value_keeps_its_number: Value(2).data is 2.",
        "    test_plus_adds: plus(n) is larger by n.",
        "    test_plus_makes_a_new_value: plus leaves its operand alone.",
    ]
    assert screen.count("NotImplementedError") == 0
    assert progress(screen) == ["01_value        not started", "Next: pytest exercises/01_value/test_value.py"]


def test_a_later_step_names_the_earlier_one_that_it_needs(course):
    course.write({"01_value/value.py": VALUE_STUB})
    screen = course.screen("exercises/02_tower")
    sentence = (
        "02_tower needs 01_value, which is not done yet: write Value.__init__() in value.py."
        " Next: pytest exercises/01_value/test_value.py"
    )
    assert paragraph(screen, sentence)[1] == "  3 tests fail for this reason:"
    assert progress(screen) == ["02_tower        needs 01_value", "Next: pytest exercises/01_value/test_value.py"]


def test_half_a_step_is_counted_and_its_open_function_named(course):
    half = replaced(
        TOWER, "    if height < 1:", '    raise NotImplementedError("02_tower: write top() in tower.py")\n    if 1:'
    )
    course.write({"02_tower/tower.py": half})
    screen = course.screen("exercises")
    assert paragraph(screen, "02_tower: write top() in tower.py")[1] == "  2 tests fail for this reason:"
    assert progress(screen) == [
        "01_value        done",
        "02_tower        1 of 3 tests",
        "03_city         done",
        "Next: pytest exercises/02_tower/test_tower.py",
    ]


# Wrong answers


def test_a_wrong_number_is_shown_with_its_shape_and_place(course):
    course.write({"02_tower/tower.py": replaced(TOWER, "x.plus(i) for", "x.plus(i * i) for")})
    screen = course.screen("exercises")
    assert paragraph(screen, "tower(0.5, 3): 1 of 3 numbers is wrong") == [
        "tower(0.5, 3): 1 of 3 numbers is wrong",
        "    shape               (3,)",
        "    expected            [0.5, 1.5, 2.5]",
        "    got                 [0.5, 1.5, 4.5]",
        "    largest difference  2 at [2]: expected 2.5, got 4.5",
        "  Test:    test_floors_rise_by_one (exercises/02_tower/test_tower.py:7)",
        "  Promise: Floor i of a tower on x is x + i.",
    ]
    assert "01_value passes its own tests: look in tower.py" in screen.splitlines()


def test_an_earlier_step_with_wrong_values_is_found_and_named(course):
    course.write({"01_value/value.py": replaced(VALUE, "self.data + number", "self.data - number")})
    screen = course.screen("exercises/03_city")
    blame = "01_value's own tests fail too (1 of 3): start there, pytest exercises/01_value/test_value.py"
    assert blame in screen.splitlines()
    assert progress(screen) == [
        "01_value        2 of 3 tests",
        "02_tower        1 of 3 tests",
        "03_city         0 of 1 tests",
        "Next: pytest exercises/01_value/test_value.py",
    ]


def test_earlier_steps_that_pass_are_cleared(course):
    course.write({"03_city/city.py": replaced(CITY, "Value(height), height", "Value(height), 2 * height")})
    screen = course.screen("exercises/03_city")
    assert "city([1, 2]) returned 6 items where 3 belong" in screen.splitlines()
    assert "01_value and 02_tower pass their own tests: look in city.py" in screen.splitlines()


def test_earlier_steps_that_ran_in_this_session_are_not_run_again(course):
    counting = VALUE_TESTS + "\nprint('run', file=open('runs.txt', 'a'))\n"
    wrong = replaced(TOWER, "x.plus(i) for", "x.plus(i * i) for")
    course.write({"01_value/test_value.py": counting, "02_tower/tower.py": wrong})
    course.screen("exercises")
    assert (course.root / "runs.txt").read_text() == "run\n"


def test_earlier_tests_that_never_end_are_named(course):
    impatient = "import sys\ndef pytest_collection_finish():\n    sys.modules['progress'].ASK_SECONDS = 0.01\n"
    (course.root / "impatient.py").write_text(impatient)
    course.write({"03_city/city.py": replaced(CITY, "Value(height), height", "Value(height), 2 * height")})
    screen = course.screen("-p", "impatient", "exercises/03_city", PYTHONPATH=str(course.root))
    command = "pytest exercises/01_value/test_value.py"
    assert f"the tests of 01_value and 02_tower did not finish in time: start there, {command}" in screen.splitlines()


def test_a_float_where_a_value_belongs(course):
    course.write({"02_tower/tower.py": replaced(TOWER, "x.plus(i) for", "x.data + i for")})
    screen = course.screen("exercises/02_tower")
    assert "tower(0.5, 3)[0] is a plain float: a Value belongs there (a float has no gradient)" in screen.splitlines()


def test_an_exception_shows_the_learners_own_lines(course):
    course.write({"01_value/value.py": replaced(VALUE, "self.data + number", "self.data + number / 0")})
    screen = course.screen("exercises/02_tower/test_tower.py::test_floors_rise_by_one")
    assert paragraph(screen, "Value.plus() in value.py raised ZeroDivisionError: division by zero") == [
        "Value.plus() in value.py raised ZeroDivisionError: division by zero",
        "    exercises/01_value/value.py:7, in Value.plus()",
        "        return Value(self.data + number / 0)",
        "    called from exercises/02_tower/tower.py:5, in tower()",
        "        return [x.plus(i) for i in range(height)]",
        "  Test:    test_floors_rise_by_one (exercises/02_tower/test_tower.py:6)",
        "  Promise: Floor i of a tower on x is x + i.",
    ]


def test_the_wrong_exception_and_none_at_all(course):
    course.write({"02_tower/tower.py": replaced(TOWER, 'ValueError("no tower")', 'KeyError("none")')})
    screen = course.screen("exercises/02_tower")
    assert paragraph(screen, "top(0.5, 0) must raise ValueError; it raised KeyError: 'none'")[1:3] == [
        "    exercises/02_tower/tower.py:9, in top()",
        '        raise KeyError("none")',
    ]
    course.write({"02_tower/tower.py": replaced(TOWER, 'raise ValueError("no tower")', "return []")})
    assert "top(0.5, 0) must raise ValueError; it returned []" in course.screen("exercises/02_tower").splitlines()


@pytest.mark.parametrize("where", ["module", "function"])
def test_a_question_to_the_learner_is_explained(course, where):
    ask = 'x = input("how high? ")\n'
    course.write(
        {"02_tower/tower.py": ask + TOWER if where == "module" else TOWER.replace("return [", f"{ask}    return [")}
    )
    screen = course.screen("exercises/02_tower")
    assert "tower.py asks for input, and there is nobody who could answer while tests run" in screen.splitlines()
    assert "captured" not in screen


def test_endless_recursion_is_explained(course):
    course.write({"02_tower/tower.py": replaced(TOWER, "tower(x, height)[-1]", "top(x, height)")})
    screen = course.screen("exercises/02_tower")
    assert "tower.py: top() calls itself too deeply (Python stops after 1000 nested calls): a loop" in screen
    assert len(screen.splitlines()) < 40


def test_what_the_learner_printed_is_shown(course):
    noisy = replaced(TOWER, "x.plus(i) for", "print(i) or x.plus(i * i) for")
    course.write({"02_tower/tower.py": noisy})
    screen = course.screen("exercises/02_tower/test_tower.py::test_floors_rise_by_one")
    assert [line for line in screen.splitlines() if "printed: " in line] == [f"    printed: {i}" for i in range(3)]


def test_an_error_in_the_test_itself_shows_the_tests_line(course):
    tests = 'def test_a(value):\n    """Values add up."""\n    value.Value(1) + "x"\n'
    course.write({"01_value/test_value.py": tests})
    screen = course.screen("exercises/01_value")
    sentence = "The test could not go on: TypeError: unsupported operand type(s) for +: 'Value' and 'str'"
    assert paragraph(screen, sentence)[1:3] == ["    test_value.py:3", '        value.Value(1) + "x"']


def test_every_session_of_one_process_reads_the_files_afresh(course):
    twice = "import pathlib, pytest, sys\nfor text in sys.argv[1:]:\n"
    twice += "    pathlib.Path('exercises/01_value/value.py').write_text(text)\n"
    twice += "    print('code', int(pytest.main(['-qq', 'exercises/02_tower'])))\n"
    wrong = replaced(VALUE, "self.data + number", "self.data - number")
    (course.root / "twice.py").write_text(twice)
    run = subprocess.run(
        [sys.executable, "-B", "twice.py", VALUE, wrong, VALUE],
        cwd=course.root, env={**os.environ, **ALONE}, capture_output=True, text=True,
    )  # fmt: skip
    assert [line for line in run.stdout.splitlines() if line.startswith("code")] == ["code 0", "code 1", "code 0"]


# Files that cannot be used


def test_a_missing_file(course):
    (course.exercises / "01_value/value.py").unlink()
    for step in ("01_value", "02_tower"):
        screen = course.screen(f"exercises/{step}")
        assert "01_value/value.py is missing: put the file back where it was" in screen.splitlines()


def test_a_missing_function_and_a_missing_method(course):
    course.write({"02_tower/tower.py": TOWER.replace("tower(x", "tour(x")})
    assert "tower.py does not define tower" in course.screen("exercises/02_tower").splitlines()
    course.write({"01_value/value.py": VALUE.replace("plus", "add"), "02_tower/tower.py": TOWER})
    assert "value.py: Value does not define plus" in course.screen("exercises/01_value").splitlines()
    course.write({"01_value/value.py": VALUE.replace("class Value", "class Number")})
    screen = course.screen("exercises/02_tower")
    assert "value.py does not define Value, which tower.py imports" in screen.splitlines()


def test_a_syntax_error_points_at_its_place(course):
    course.write({"02_tower/tower.py": replaced(TOWER, "if height < 1:", "if height < 1")})
    screen = course.screen("exercises/03_city")
    sentence = "tower.py, line 8, cannot be read by Python: SyntaxError: expected ':'"
    assert paragraph(screen, sentence)[1:4] == [
        "    exercises/02_tower/tower.py:8",
        "        if height < 1",
        "                     ^",
    ]
    assert progress(screen)[-1] == "Next: pytest exercises/02_tower/test_tower.py"


def test_a_file_that_fails_while_it_is_imported(course):
    course.write({"02_tower/tower.py": TOWER + "\nprint(1 / 0)\n"})
    screen = course.screen("exercises/02_tower")
    assert "tower.py cannot be imported, it raised ZeroDivisionError: division by zero" in screen.splitlines()
    course.write({"02_tower/tower.py": "import bricks_and_mortar\n"})
    assert "tower.py imports bricks_and_mortar, which Python cannot find" in course.screen("exercises/02_tower")


def test_a_learners_random_py_does_not_hide_pythons(course):
    course.write({"02_tower/wave.py": "1 / 0", "02_tower/tower.py": "import wave\n" + TOWER})
    course.screen("exercises/02_tower", code=0)
    run = course.pytest("exercises/02_tower", PYTHONPATH=str(course.exercises / "02_tower"))
    assert run.returncode == pytest.ExitCode.USAGE_ERROR
    assert run.stderr.strip() == "ERROR: 02_tower/wave.py hides Python's own module wave: rename it"


# How it is shown


def test_full_tracebacks_for_those_who_ask(course):
    course.write({"01_value/value.py": replaced(VALUE, "self.data + number", "self.data + number / 0")})
    for wish in ("-vv", "--tb=short"):
        run = course.pytest("exercises/02_tower", wish)
        assert run.returncode == 1
        assert "ZeroDivisionError" in run.stdout
        assert "test_tower.py:6: " in run.stdout
        assert "expect.py" not in run.stdout
        assert "01_value's own tests fail too (2 of 3)" in run.stdout


def test_colour_only_where_it_is_wanted(course):
    course.write(STUBS)
    assert "\x1b[" in course.pytest("exercises", "--color=yes").stdout
    assert "\x1b[" not in course.pytest("exercises", NO_COLOR="1").stdout


def test_many_causes_are_cut_short_and_verbose_tells_all(course):
    tests = "".join(f"\ndef test_{i}():\n    '''Promise {i}.'''\n    assert False, 'wrong {i}'\n" for i in range(9))
    course.write({"01_value/test_value.py": tests})
    screen = course.screen("exercises/01_value")
    assert screen.count("Promise: ") == 3
    assert "test_8: wrong 8" in screen.splitlines()
    assert course.screen("exercises/01_value", "-v").count("Promise: ") == 9


def test_code_that_does_not_end_is_said_and_ctrl_c_fails_its_test(course):
    """After a while the line at work is told; Ctrl-C fails this test, and the map and the next command are shown."""
    endless = replaced(TOWER, "    return [x.plus(i) for i in range(height)]", "    while x:\n        height += 1")
    course.write({"02_tower/tower.py": endless})
    hurry = "import sys\ndef pytest_collection():\n    sys.modules['progress'].LONG = 0.2\n"
    (course.root / "hurry.py").write_text(hurry)
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTIBLE, "-p", "hurry", "exercises"],
        cwd=course.root,
        env={**os.environ, **ALONE, "PYTHONPATH": str(course.root), "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "100"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        told = list(itertools.islice(process.stderr, 2))
        process.send_signal(signal.SIGINT)
        screen, rest = process.stdout.read(), process.stderr.read()
    assert (told[0], rest) == ("\n", "")
    assert re.fullmatch(
        r"test_floors_rise_by_one has been running for 0\.2 s, now at exercises/02_tower/tower\.py:[56], in tower\(\): "
        r"does the loop end\? Ctrl-C stops it\.\n",
        told[1],
    )
    assert process.returncode == pytest.ExitCode.INTERRUPTED
    sentence, place, line, *_ = screen[screen.index("tower() in tower.py was at work") :].splitlines()
    assert re.fullmatch(
        r"tower\(\) in tower\.py was at work when you pressed Ctrl-C, \d+ s after the test began: "
        r"does its loop come to an end\?",
        sentence,
    )
    assert re.fullmatch(r"    exercises/02_tower/tower\.py:[56], in tower\(\)", place)
    assert line.strip() in ("while x:", "height += 1")
    assert not any(word in screen for word in ("Traceback", "KeyboardInterrupt", "full-trace", "INTERNALERROR"))
    assert progress(screen)[:3] == [
        "01_value        done",
        "02_tower        0 of 3 tests, 2 not run",
        "Next: pytest exercises/02_tower/test_tower.py",
    ]


def test_ctrl_c_with_full_tracebacks_is_pytests_own(course):
    course.write(
        {"02_tower/tower.py": replaced(TOWER, "    if height < 1:", "    raise KeyboardInterrupt\n    if height:")}
    )
    screen = course.pytest("exercises/02_tower", "-vv").stdout
    assert "KeyboardInterrupt !!!" in screen
    assert "was at work" not in screen


def test_an_interrupted_run_and_a_broken_test_file_end_in_order(course):
    stop = '\ndef test_a():\n    """Stops."""\n    raise KeyboardInterrupt\n'
    course.write({"03_city/test_city.py": stop, "02_tower/tower.py": TOWER_STUB})
    run = course.pytest("exercises")
    assert run.returncode == pytest.ExitCode.INTERRUPTED
    assert "02_tower        not started" in run.stdout
    assert "INTERNALERROR" not in run.stdout + run.stderr


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        (
            "test_city.py",
            "import expect\n\ndef test_a(:\n",
            [
                "test_city.py, line 3, cannot be read by Python: SyntaxError: invalid syntax",
                "    exercises/03_city/test_city.py:3",
                "        def test_a(:",
                "                   ^",
            ],
        ),
        (
            "test_city.py",
            "import expected\n",
            [
                "test_city.py cannot be used: ModuleNotFoundError: No module named 'expected'",
                "    test_city.py:1",
                "        import expected",
            ],
        ),
        (
            "test_mine.py",
            "import expect\n\nwant = expect.nothing\n",
            [
                "test_mine.py cannot be used: AttributeError: module 'expect' has no attribute 'nothing'",
                "    test_mine.py:3",
                "        want = expect.nothing",
            ],
        ),
    ],
)
def test_a_broken_test_file_is_told_in_sentences(course, name, text, says):
    course.write({f"03_city/{name}": text})
    screen = course.screen("exercises", code=pytest.ExitCode.INTERRUPTED)
    lines = screen.splitlines()
    at = next(i for i, line in enumerate(lines) if f"ERROR collecting exercises/03_city/{name}" in line)
    assert lines[at + 1 : at + 1 + len(says)] == says
    theirs = "test_city.py belongs to the course: get it again from where the course came from"
    assert (theirs in lines) is (name == "test_city.py")
    assert says[0] not in course.pytest("exercises", "--tb=long").stdout


# The PyTorch track


def test_a_pure_file_never_imports_torch(course):
    spy = "import sys\ndef pytest_unconfigure():\n    print('torch imported:', 'torch' in sys.modules)\n"
    (course.root / "spy.py").write_text(spy)
    course.write({"01_value/value_torch.py": "", "01_value/test_value_torch.py": VALUE_TORCH_TESTS})
    screen = course.screen("-p", "spy", "exercises/01_value/test_value.py", code=0, PYTHONPATH=str(course.root))
    assert "torch imported: False" in screen.splitlines()


def hide(course, package):
    """A pytest plugin, hide.py, under which a package seems not to be installed."""
    (course.root / "hide.py").write_text(hiding(package))


def test_without_torch_its_track_is_skipped_with_one_sentence(course):
    hide(course, "torch")
    course.write({"01_value/value_torch.py": "", "01_value/test_value_torch.py": VALUE_TORCH_TESTS})
    screen = course.screen("-p", "hide", "exercises/01_value", code=0, PYTHONPATH=str(course.root))
    assert progress(screen) == [
        "                pure Python                 PyTorch",
        "01_value        done                        not installed",
        "Next, pure Python: pytest exercises/02_tower/test_tower.py",
        'PyTorch is not installed: pip install "torch>=2.6,<2.14" (pytorch.org has the smaller CPU-only build)',
    ]


@pytest.mark.skipif(not HAS_TORCH, reason="PyTorch is not installed")
def test_both_tracks_stand_side_by_side(course):
    wrong = "def twice(x):\n    return 2 * x[0]\n"
    course.write({"01_value/value_torch.py": wrong, "01_value/test_value_torch.py": VALUE_TORCH_TESTS})
    screen = course.screen("exercises/01_value")
    assert (
        paragraph(screen, "twice(x) has shape (3,); (1, 3) belongs there")[-1]
        == "  Promise: twice(x) has the shape of x."
    )
    assert progress(screen) == [
        "                pure Python                 PyTorch",
        "01_value        done                        1 of 2 tests",
        "Next, pure Python: pytest exercises/02_tower/test_tower.py",
        "Next, PyTorch: pytest exercises/01_value/test_value_torch.py",
    ]


# A fixture that builds something with the learner's code

CASTLE_TESTS = '''
import pytest

@pytest.fixture
def keep(tower, value):
    """The tower in the middle."""
    return tower.tower(value.Value(1), 2)

def test_a_keep_has_two_floors(keep):
    """A tower of two floors."""
    assert len(keep) == 2, "the keep has lost a floor"
'''


def test_an_error_in_a_fixture_is_a_failure_like_any_other(course):
    """Learner code that a fixture runs gets the same sentence, and nothing says ERROR."""
    broken = replaced(TOWER, "x.plus(i)", "x.add(i)")
    course.write({"02_tower/tower.py": broken, "02_tower/test_tower.py": CASTLE_TESTS})
    screen = course.screen("exercises/02_tower")
    assert "AttributeError: 'Value' object has no attribute 'add'" in screen
    assert "02_tower/tower.py:5" in screen
    assert "Promise: A tower of two floors." in screen
    assert "ERROR" not in screen
    assert "1 failed" in screen


def test_a_stub_that_a_fixture_calls_is_not_started(course):
    """The map and the sentence are those of a stub."""
    course.write({"02_tower/tower.py": TOWER_STUB, "02_tower/test_tower.py": CASTLE_TESTS})
    screen = course.screen("exercises/02_tower")
    assert "02_tower: write tower() in tower.py" in screen
    assert progress(screen)[0].split() == ["02_tower", "not", "started"]
