"""A class through `grader run` and `grader rescore`, as typed: rosters, times, attempts, deadlines, overrides."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.results import page_name

HandIn = Callable[..., Path]
DOUBLE, QUAD = "01_double/double.py", "02_quad/quad.py"
TERM = """
[term]
deadline = 2026-11-30T12:00:00Z
late_per_day = 0.25
attempts = "latest"
"""


def grader(course: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "grader", "--course", str(course), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def rows(out: Path) -> dict[str, dict[str, str]]:
    with (out / "grades.csv").open(encoding="utf-8", newline="") as file:
        return {row["learner"]: row for row in csv.DictReader(file)}


def records(out: Path) -> dict[str, int]:
    """When each record was written: grading again writes it again."""
    return {file.name: file.stat().st_mtime_ns for file in (out / "records").iterdir()}


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def term(mini: Path) -> Path:
    """The mini course with a deadline and a price for lateness."""
    manifest = mini / "course.toml"
    manifest.write_text(manifest.read_text("utf-8").replace("[limits]", f"{TERM}\n[limits]", 1), encoding="utf-8")
    return mini


def write(file: Path, text: str) -> Path:
    file.write_text(text, encoding="utf-8")
    return file


def test_a_roster_names_everybody(
    mini: Path, hand_in: HandIn, right: dict[str, str], out: Path, tmp_path: Path
) -> None:
    """Names come from the roster, who handed in nothing is a row and is named, and who is not on it is told."""
    hand_in("ada", right)
    folder = hand_in("mallory", right)
    roster = write(tmp_path / "roster.csv", "id,name\nada,Ada Lovelace\nbea,Bea\n")
    done = grader(mini, "run", folder, "--out", out, "--roster", roster)
    assert done.returncode == 0, done.stdout + done.stderr
    found = rows(out)
    assert {who: (row["name"], row["total"], row["status"]) for who, row in found.items()} == {
        "ada": ("Ada Lovelace", "8", "graded"),
        "bea": ("Bea", "", "nothing handed in"),
        "mallory": ("", "8", "graded"),
    }
    assert "1 handed in nothing: bea" in done.stdout
    assert "mallory is not on the roster" in done.stdout
    assert "mallory is not on the roster" in (out / "report.html").read_text("utf-8")
    # the roster stays with the results, no page of a name that nobody has any more, and only what differs is written
    before = {file.name: file.stat().st_ino for file in (out / "learners").iterdir()}
    (out / "learners" / "earlier.html").write_text("")
    write(out / "learners" / "bea.md", "not what it was\n")
    assert "Ada Lovelace" in grader(mini, "run", folder, "--out", out).stdout
    after = {file.name: file.stat().st_ino for file in (out / "learners").iterdir()}
    assert sorted(after) == [f"{who}.{kind}" for who in ("ada", "bea", "mallory") for kind in ("html", "md")]
    assert {name for name in after if after[name] != before[name]} == {"bea.md"}
    assert "nothing handed in" in (out / "learners" / "bea.md").read_text("utf-8")


def test_times_make_work_late(term: Path, hand_in: HandIn, right: dict[str, str], out: Path, tmp_path: Path) -> None:
    """A day late costs what course.toml says, an extension takes that back, and no learner code runs for it."""
    hand_in("ada", right)
    folder = hand_in("bea", right)
    times = write(tmp_path / "times.csv", "learner,submitted\nada,2026-11-30T11:00Z\nbea,2026-12-01T11:00Z\n")
    assert grader(term, "run", folder, "--out", out, "--times", times).returncode == 0
    assert {who: row["total"] for who, row in rows(out).items()} == {"ada": "8", "bea": "6"}
    before = records(out)
    write(
        out / "overrides.toml",
        '[[extension]]\nlearner = "bea"\nuntil = 2026-12-02T12:00:00Z\nreason = "ill"\n'
        '[[override]]\nlearner = "ada"\nmodule = "02_quad/pure"\npoints = 1.5\nreason = "copied"\n',
    )
    done = grader(term, "rescore", out)
    assert done.returncode == 0, done.stdout + done.stderr
    assert {who: row["total"] for who, row in rows(out).items()} == {"ada": "5.5", "bea": "8"}
    assert records(out) == before
    page = (out / "learners" / "bea.html").read_text("utf-8")
    assert "extension until 2026-12-02 12:00 UTC: ill" in page
    assert "set to 1.5 points by hand: copied" in (out / "learners" / "ada.html").read_text("utf-8")


def test_times_stay_with_the_class(
    term: Path, hand_in: HandIn, right: dict[str, str], out: Path, tmp_path: Path
) -> None:
    """A later run without --times counts with the times of before, and says so; a new file replaces all of them."""
    hand_in("ada", right)
    folder = hand_in("bea", right)
    late = "2026-12-01T11:00Z"
    times = write(tmp_path / "times.csv", f"learner;submitted\nada;{late}\nbea;{late}\n")
    assert grader(term, "run", folder, "--out", out, "--times", times).returncode == 0
    (folder / "ada").rename(folder / "cleo")
    done = grader(term, "run", folder, "--out", out, "--replace")
    assert done.returncode == 0, done.stderr
    assert {who: row["total"] for who, row in rows(out).items()} == {"bea": "6", "cleo": "8"}
    assert "note: lateness is by the --times of an earlier run (2 rows); another --times replaces them" in done.stdout
    assert "note: of these times: ada has handed in nothing" in done.stdout
    write(times, f"learner,submitted\ncleo,{late}\n")
    done = grader(term, "run", folder, "--out", out, "--times", times)
    assert {who: row["total"] for who, row in rows(out).items()} == {"bea": "8", "cleo": "6"}
    assert "an earlier run" not in done.stdout
    before = (out / "grades.csv").read_bytes()
    for text, what in (
        ("zoe;2026-12-01;02_quad", "times.csv: zoe has handed in nothing"),
        ("bea;2026-12-01;2_squad", "times.csv, line 2: there is no step '2_squad'; there is 02_quad"),
    ):
        done = grader(term, "run", folder, "--out", out, "--times", write(times, f"learner;submitted;step\n{text}\n"))
        assert (done.returncode, what in done.stderr) == (2, True), done.stderr
    assert (out / "grades.csv").read_bytes() == before


def test_clashes_cost_only_their_learners(
    mini: Path, hand_in: HandIn, right: dict[str, str], out: Path, tmp_path: Path
) -> None:
    """Who handed in twice, by name or by the roster, is not graded, all of them are named at once, and others count."""
    for who in ("ada", "Bea", "bea", "cleo", "Dora"):
        folder = hand_in(who, right)
    assert grader(mini, "run", folder, "--out", out).returncode == 0
    write(folder / "ada.zip", "")
    roster = write(tmp_path / "roster.csv", "id,name\nada,Ada\nbea,Bea\ncleo,Cleo\nd1,Dora\nd2,Dora\nemma,E\n")
    done = grader(mini, "run", folder, "--out", out, "--roster", roster)
    assert done.returncode == 1, done.stderr + done.stdout
    assert {who: (row["total"], row["status"]) for who, row in rows(out).items()} == {
        "ada": ("", "not graded"),
        "bea": ("", "not graded"),
        "cleo": ("8", "graded"),
        "d1": ("", "not graded"),
        "d2": ("", "not graded"),
        "emma": ("", "nothing handed in"),
    }
    for told in (done.stdout, grader(mini, "rescore", out).stdout):
        assert "4 not graded:" in told
        assert "ada: ada and ada.zip are hand-ins of the same learner" in told
        assert "bea: Bea and bea are both bea of the roster" in told
        assert "d1: Dora may be d1 or d2 of the roster" in told
        assert "leave one hand-in, named so that it is clear whose it is, then run again" in told
    assert sorted(records(out)) == ["Bea.json", "Dora.json", "cleo.json"]  # no old mark of who is not graded
    (folder / "ada.zip").unlink()
    (folder / "Bea").rename(folder / ".Bea")
    (folder / "Dora").rename(folder / "d2")
    assert grader(mini, "run", folder, "--out", out).returncode == 0
    assert [row["total"] for row in rows(out).values()] == ["8", "8", "8", "", "8", ""]


def test_results_inside_the_class(mini: Path, hand_in: HandIn, right: dict[str, str]) -> None:
    """Results that lie among the hand-ins are nobody's: the next run grades the same learners."""
    folder = hand_in("ada", right)
    for _ in range(2):
        done = grader(mini, "run", folder, "--out", folder / "out")
        assert (done.returncode, list(rows(folder / "out"))) == (0, ["ada"]), done.stderr
    assert "note: left out out: it holds the results of a grader run" in done.stdout


def test_rescore_needs_no_submissions(mini: Path, hand_in: HandIn, right: dict[str, str], out: Path) -> None:
    """With the hand-ins gone, changed points count; who was not graded stays so, and the exit code says it."""
    hand_in("ada", right)
    folder = hand_in("bea", right | {DOUBLE: "def double(x):\n    return 3 * x\n"})
    write(folder / "cleo.zip", "broken")
    assert grader(mini, "run", folder, "--out", out).returncode == 1
    folder.rename(folder.with_name("gone"))
    manifest = mini / "course.toml"
    write(manifest, manifest.read_text("utf-8").replace("points = 4", "points = 40"))
    done = grader(mini, "rescore", out)
    assert done.returncode == 1
    assert "cleo: " in done.stdout
    assert "cannot be read as an archive" in done.stdout
    assert {who: row["total"] for who, row in rows(out).items()} == {"ada": "44", "bea": "40", "cleo": ""}
    write(mini / "tests" / "hidden" / "kit.py", "# another state of the suites\n")
    assert "2 were graded when solutions, suites or limits were other ones" in grader(mini, "rescore", out).stdout


@pytest.mark.parametrize("again", ["run", "rescore"])
def test_a_mistake_in_the_overrides(mini: Path, hand_in: HandIn, right: dict[str, str], out: Path, again: str) -> None:
    """It is told before anything is graded or counted, and the grades stay what they were."""
    folder = hand_in("ada", right)
    assert grader(mini, "run", folder, "--out", out).returncode == 0
    before = (out / "grades.csv").read_bytes(), records(out)
    write(out / "overrides.toml", '[[override]]\nlearner = "adda"\nmodule = "02_quad/pure"\npoints = 1\nreason = "x"\n')
    done = grader(mini, "run", folder, "--out", out, "--fresh") if again == "run" else grader(mini, "rescore", out)
    assert done.returncode == 2
    assert "there is no learner 'adda'; there is ada" in done.stderr
    assert ((out / "grades.csv").read_bytes(), records(out)) == before


def test_attempts(term: Path, hand_in: HandIn, right: dict[str, str], out: Path) -> None:
    """Of several attempts the latest in time is graded; after an extension a later one counts, and is graded then."""
    wrong = right | {QUAD: "def quad(x):\n    return x\n"}
    hand_in("ada/2026-11-28", wrong)
    hand_in("ada/2026-11-29", right)
    folder = hand_in("ada/2026-12-02", wrong)
    assert grader(term, "run", folder, "--out", out).returncode == 0
    assert list(records(out)) == ["ada, 2026-11-29.json"]
    assert rows(out)["ada"]["total"] == "8"
    assert "From <bdi>2026-11-29</bdi>." in (out / "learners" / "ada.html").read_text("utf-8")
    write(out / "overrides.csv", "learner,until,reason\nada,2026-12-03T00:00:00Z,ill\n")
    done = grader(term, "rescore", out)
    assert (done.returncode, rows(out)["ada"]["total"]) == (1, "")
    assert "ada: 2026-12-02 is not graded yet" in done.stdout
    assert grader(term, "run", folder, "--out", out).returncode == 0
    assert rows(out)["ada"]["total"] == "4"


def test_the_best_attempt(mini: Path, hand_in: HandIn, right: dict[str, str], out: Path) -> None:
    """Where course.toml says so all attempts are graded, and each module counts from the one that brings most."""
    manifest = mini / "course.toml"
    write(manifest, manifest.read_text("utf-8") + '\n[term]\nattempts = "best"\n')
    hand_in("ada/attempt_1", right | {QUAD: "def quad(x):\n    return x\n"})
    folder = hand_in("ada/attempt_2", right | {DOUBLE: "def double(x):\n    return x\n"})
    assert grader(mini, "run", folder, "--out", out).returncode == 0
    assert sorted(records(out)) == ["ada, attempt_1.json", "ada, attempt_2.json"]
    assert rows(out)["ada"]["total"] == "8"


def test_one_archive_is_graded_as_the_folder(mini: Path, hand_in: HandIn, right: dict[str, str], out: Path) -> None:
    """The class in one zip gives the same grades; what cannot be read is named as it is in the zip."""
    hand_in("ada", right)
    folder = hand_in("bea", right)
    write(folder / "cleo.zip", "broken")
    whole = folder.with_name("download.zip")
    with zipfile.ZipFile(whole, "w") as archive:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            archive.write(file, file.relative_to(folder))
    done = grader(mini, "run", whole, "--out", out, "--seed", 3)
    assert done.returncode == 1
    assert "  cleo: cleo.zip: cannot be read as an archive" in done.stdout
    first = rows(out)
    assert {who: row["total"] for who, row in first.items()} == {"ada": "8", "bea": "8", "cleo": ""}
    done = grader(mini, "run", folder, "--out", out)
    assert "2 of 3 are graded already and unchanged" in done.stdout
    assert rows(out) == first


def test_lines_of_json(mini: Path, hand_in: HandIn, right: dict[str, str], out: Path) -> None:
    """--json says each thing as one object a line, at the end what came of it."""
    folder = hand_in("ada", right)
    write(folder / "bea.zip", "broken")
    done = grader(mini, "run", folder, "--out", out, "--json", "--seed", 3)
    *events, end = [json.loads(line) for line in done.stdout.splitlines()]
    assert sorted((event["event"], event["who"], event["of"]) for event in events) == [
        ("graded", "ada", 2),
        ("not graded", "bea", 2),
    ]
    assert (end["event"], end["graded"], end["seed"], list(end["not_graded"])) == ("done", 1, 3, ["bea"])
    assert done.returncode == 1


def test_quiet(mini: Path, hand_in: HandIn, right: dict[str, str], out: Path) -> None:
    """--quiet says nothing where all goes well, and who is not graded where it does not."""
    folder = hand_in("ada", right)
    done = grader(mini, "run", folder, "--out", out, "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    write(folder / "bea.zip", "broken")
    done = grader(mini, "run", folder, "--out", out, "--quiet")
    assert done.returncode == 1
    assert done.stdout.splitlines()[0] == "1 not graded:"


def test_the_log_tells_each_run(mini: Path, hand_in: HandIn, right: dict[str, str], out: Path) -> None:
    """grader.log has a line for each beginning, submission and end, and goes on from run to run."""
    folder = hand_in("ada", right)
    write(folder / "bea\n.zip", "broken")
    for _ in range(2):
        grader(mini, "run", folder, "--out", out, "--seed", 3)
    lines = [line.split(" ", 2)[1:] for line in (out / "grader.log").read_text("utf-8").splitlines()]
    said = [(level, text.split(":")[0] if level == "ERROR" else text.split(" in ")[0]) for level, text in lines]
    assert said == [
        ("INFO", "grader 0.1.0, mini, seed 3, 2 of 2 to grade"),
        *sorted([("INFO", "graded: ada"), ("ERROR", "not graded")], key=lambda one: said.index(one)),
        ("INFO", "done: 1 graded, 1 not graded"),
        ("INFO", "grader 0.1.0, mini, seed 3, 1 of 2 to grade"),
        ("ERROR", "not graded"),
        ("INFO", "done: 0 graded, 1 not graded"),
    ]


def test_the_log_writes_names_as_they_are(mini: Path, hand_in: HandIn, right: dict[str, str], out: Path) -> None:
    """Letters of any alphabet stay; what does not print is spelt out, so that nobody adds a line."""
    folder = hand_in("Zoë Văn", right)
    write(folder / "x\x1b[31m\n2027-01-01 INFO graded: y.zip", "broken")
    assert grader(mini, "run", folder, "--out", out).returncode == 1
    lines = (out / "grader.log").read_text("utf-8").splitlines()
    assert len(lines) == 4
    assert sum("graded: Zoë Văn in " in line for line in lines) == 1
    assert all(line.isprintable() for line in lines)


def test_a_run_on_a_part_of_the_class_is_refused(
    mini: Path, hand_in: HandIn, right: dict[str, str], out: Path, tmp_path: Path
) -> None:
    """It names who would drop out of grades.csv, and changes nothing; with --replace they do, and it is said."""
    hand_in("ada", right)
    folder = hand_in("bea", right)
    assert grader(mini, "run", folder, "--out", out).returncode == 0
    before = {file: file.read_bytes() for file in out.rglob("*") if file.is_file()}
    few = tmp_path / "few"
    shutil.copytree(folder / "bea", few / "bea")
    shutil.copytree(folder / "bea", few / "cleo")
    done = grader(mini, "run", few, "--out", out)
    assert done.returncode == 2
    assert f"{out}: holds 1 who handed in and are not in SUBMISSIONS now, and would lose them: ada" in done.stderr
    assert "give all hand-ins again" in done.stderr
    assert {file: file.read_bytes() for file in out.rglob("*") if file.is_file()} == before
    done = grader(mini, "run", few, "--out", out, "--replace")
    assert (done.returncode, list(rows(out))) == (0, ["bea", "cleo"]), done.stderr
    said = "left out of these results with --replace: ada; the records stay"
    assert f"note: {said}" in done.stdout
    assert said in (out / "report.html").read_text("utf-8")
    # whoever comes back is not graded again; and a roster that calls them something else loses nobody
    shutil.copytree(folder / "ada", few / "ada")
    assert "3 of 3 are graded already" in grader(mini, "run", few, "--out", out).stdout
    roster = write(tmp_path / "roster.csv", "id,name\n17,Ada\n18,bea\n19,cleo\n")
    done = grader(mini, "run", few, "--out", out, "--roster", roster)
    assert (done.returncode, list(rows(out))) == (0, ["17", "18", "19"]), done.stderr


def test_a_run_with_a_part_of_the_roster_is_refused(
    mini: Path, hand_in: HandIn, right: dict[str, str], out: Path, tmp_path: Path
) -> None:
    """People do not drop out of grades.csv by a smaller roster: it names them; with --replace they do, with a note."""
    hand_in("ada", right)
    folder = hand_in("bea", right)
    roster = write(tmp_path / "roster.csv", "id,name\nada,Ada\ns2,bea\ns3,Cleo\ns4,Dora\n")
    assert grader(mini, "run", folder, "--out", out, "--roster", roster).returncode == 0
    before = {file: file.read_bytes() for file in out.rglob("*") if file.is_file()}
    few = write(tmp_path / "few.csv", "id,name\ns4,Dora\n")
    done = grader(mini, "run", folder, "--out", out, "--roster", few)
    assert done.returncode == 2
    assert f"{out}: holds 2 of its roster who are not on this --roster, and would lose them: s2, s3" in done.stderr
    assert {file: file.read_bytes() for file in out.rglob("*") if file.is_file()} == before
    renamed = write(tmp_path / "renamed.csv", "id,name\na1,ADA\nb1,Bea\nc1,Cleo\nd1,Dora\n")
    assert grader(mini, "run", folder, "--out", out, "--roster", renamed).returncode == 0
    done = grader(mini, "run", folder, "--out", out, "--roster", few, "--replace")
    assert (done.returncode, list(rows(out))) == (0, ["ada", "bea", "s4"]), done.stderr
    assert "left out of these results with --replace: a1, b1, c1; the records stay" in done.stdout


def test_people_are_called_as_the_roster_calls_them(
    term: Path, hand_in: HandIn, right: dict[str, str], out: Path, tmp_path: Path
) -> None:
    """Times and overrides take a name that only one has, in any capitals, and times a step as nbgrader does."""
    hand_in("ada", right)
    folder = hand_in("bea", right)
    roster = write(tmp_path / "roster.csv", 'id,name,email\nada,"Lovelace, Ada",ada@x\nbea,Bea Smith,bea@x\n')
    late = "2026-12-01T11:00Z"
    times = write(tmp_path / "times.csv", f"learner,submitted,step\nAda Lovelace,{late},quad\nbea@x,{late},\n")
    done = grader(term, "run", folder, "--out", out, "--roster", roster, "--times", times)
    assert done.returncode == 0, done.stderr
    assert {who: row["total"] for who, row in rows(out).items()} == {"ada": "7", "bea": "6"}
    write(out / "overrides.csv", "Learner,Until,Reason\nbea SMITH,2026-12-03T00:00:00Z,ill\n")
    assert grader(term, "rescore", out).returncode == 0
    assert {who: row["total"] for who, row in rows(out).items()} == {"ada": "7", "bea": "8"}


def test_a_run_on_a_part_of_the_steps_is_refused(mini: Path, hand_in: HandIn, right: dict[str, str], out: Path) -> None:
    """Steps do not drop out either; with --replace they do, and who was graded in all of them is not graded again."""
    folder = hand_in("ada", right)
    assert grader(mini, "run", folder, "--out", out, "--step", "02_quad").returncode == 0
    assert grader(mini, "run", folder, "--out", out).returncode == 0  # more of them is no loss
    before = {file: file.read_bytes() for file in out.rglob("*") if file.is_file()}
    done = grader(mini, "run", folder, "--out", out, "--step", "02_quad")
    assert done.returncode == 2
    assert f"{out}: holds grades of modules that are not in this selection" in done.stderr
    assert "would lose them: 01_double/pure" in done.stderr
    assert {file: file.read_bytes() for file in out.rglob("*") if file.is_file()} == before
    for step, total in (("02_quad", "4"), ("", "8")):
        done = grader(mini, "run", folder, "--out", out, "--replace", *(["--step", step] if step else []))
        assert "1 of 1 are graded already and unchanged" in done.stdout
        assert rows(out)["ada"]["total"] == total


def test_doubts_are_counted_on_the_terminal(mini: Path, hand_in: HandIn, right: dict[str, str], out: Path) -> None:
    """How many have notes on what was left out, with the page that lists them; a file found elsewhere is none."""
    hand_in("ada", right)
    folder = hand_in("bea", right)
    write(folder / "bea" / DOUBLE.rpartition("/")[2], right[DOUBLE] + "x = 1\n")
    (folder / "ada" / "exercises").rename(folder / "ada" / "Exercises")
    done = grader(mini, "run", folder, "--out", out)
    assert f"1 learner has notes on what was left out or is in doubt: {out / 'report.html'}" in done.stdout
    end = json.loads(grader(mini, "run", folder, "--out", out, "--json").stdout.splitlines()[-1])
    assert end["something_left_out_or_in_doubt"] == ["bea"]


@pytest.mark.parametrize("name", ["CON", "con", "nul.txt", "COM1", "lpt9.x"])
def test_pages_are_not_called_after_devices(name: str) -> None:
    """Windows takes such names, with any ending, for devices; names that only begin so stay."""
    assert not page_name(name).lower().startswith(name.lower()[:3])
    assert page_name(name) != page_name(f"_{name}")
    assert page_name(f"{name[:3]}ny") == f"{name[:3]}ny"


@pytest.mark.parametrize("what", ["nothing", "a run without a class"])
def test_rescore_of_what_is_no_result(mini: Path, hand_in: HandIn, right: dict[str, str], out: Path, what: str) -> None:
    """It is an error that says which folder is wanted, and nothing is made."""
    if what == "a run without a class":
        grader(mini, "run", hand_in("ada", right), "--out", out)
        (out / "class.json").unlink()
    before = sorted(out.rglob("*"))
    done = grader(mini, "rescore", out)
    assert done.returncode == 2
    assert ("holds no results of grader run" if what == "nothing" else "nobody has been graded here yet") in done.stderr
    assert sorted(out.rglob("*")) == before


def test_something_else_where_the_pages_belong(mini: Path, hand_in: HandIn, right: dict[str, str], out: Path) -> None:
    """A file called learners is an error that says so, and the records are kept."""
    folder = hand_in("ada", right)
    assert grader(mini, "run", folder, "--out", out).returncode == 0
    for file in (out / "learners").iterdir():
        file.unlink()
    (out / "learners").rmdir()
    write(out / "learners", "")
    done = grader(mini, "rescore", out)
    assert (done.returncode, f"{out / 'learners'}: is not a folder" in done.stderr) == (2, True)
    assert list(records(out)) == ["ada.json"]
