"""overrides.toml and overrides.csv: what people decide about single learners, with a reason."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest

from grader import course as courses
from grader import overrides
from grader.errors import UserError
from grader.model import Extension, Override

LEARNERS = ["ada", "bea"]
TOML = """\
[[extension]]
learner = "ada"
until = 2026-12-05T12:00:00Z
reason = "ill"
step = "02_quad"

[[override]]
learner = "bea"
module = "01_double/pure"
check = "test_twice"
points = 3
reason = "the check was wrong"
"""
CSV = """\
learner,until,step,module,check,points,reason
ada,2026-12-05T12:00:00+00:00,02_quad,,,,ill
bea,,,01_double/pure,test_twice,3,the check was wrong
"""


def read(folder: Path, mini: Path) -> overrides.Adjustments:
    return overrides.read(folder, courses.load(mini), LEARNERS)


@pytest.mark.parametrize(
    ("name", "text"), [("overrides.toml", TOML), ("overrides.csv", CSV), ("overrides.csv", f"\ufeff{CSV}")]
)
def test_both_files_say_the_same(mini: Path, tmp_path: Path, name: str, text: str) -> None:
    """An extension and an override, from TOML or from a spreadsheet's CSV."""
    (tmp_path / name).write_text(text, encoding="utf-8")
    found = read(tmp_path, mini)
    assert found.extensions == (Extension("ada", datetime(2026, 12, 5, 12, tzinfo=UTC), "ill", "02_quad"),)
    assert found.overrides == (Override("bea", "01_double/pure", 3.0, "the check was wrong", "test_twice"),)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("said", ["", "sep={}\r\n"])
def test_what_spreadsheets_write(mini: Path, tmp_path: Path, separator: str, encoding: str, said: str) -> None:
    """Other separators and encodings, empty rows and columns, decimal commas, and the line that tells the separator."""
    table = [
        "learner,until,step,module,check,points,reason,,",
        "ada,2026-12-05T12:00:00+00:00,02_quad,,,,krank für drei Wochen,,",
        ",,,,,,,,",
        'bea,,,01_double/pure,test_twice,"2,5","erklärt, im Büro",,',
        ",,,,,,,,",
    ]
    cells = [next(csv.reader([line])) for line in table]
    lines = io.StringIO()
    csv.writer(lines, delimiter=separator).writerows(cells)
    (tmp_path / "overrides.csv").write_text(said.format(separator) + lines.getvalue(), encoding=encoding, newline="")
    found = read(tmp_path, mini)
    until = datetime(2026, 12, 5, 12, tzinfo=UTC)
    assert found.extensions == (Extension("ada", until, "krank für drei Wochen", "02_quad"),)
    assert found.overrides == (Override("bea", "01_double/pure", 2.5, "erklärt, im Büro", "test_twice"),)
    (tmp_path / "overrides.csv").write_text(lines.getvalue().replace("bea", "adda"), encoding=encoding, newline="")
    with pytest.raises(UserError, match="line 4: there is no learner 'adda'"):
        read(tmp_path, mini)


@pytest.mark.parametrize("text", ["", "learner,module,points,reason\n", ",,\n;;\n"])
def test_an_empty_table(mini: Path, tmp_path: Path, text: str) -> None:
    """A file without rows is no adjustment."""
    (tmp_path / "overrides.csv").write_text(text)
    assert read(tmp_path, mini) == overrides.Adjustments()


def test_none_and_both(mini: Path, tmp_path: Path) -> None:
    """No file is no adjustment; two files are read together."""
    assert read(tmp_path, mini) == overrides.Adjustments()
    (tmp_path / "overrides.toml").write_text(TOML)
    (tmp_path / "overrides.csv").write_text(CSV.replace("bea", "ada"))
    assert [one.learner for one in read(tmp_path, mini).overrides] == ["bea", "ada"]


def test_two_decisions_about_the_same_are_refused(mini: Path, tmp_path: Path) -> None:
    """The error names both entries, in whichever files; what formgrader says is the later decision, and may be more."""
    (tmp_path / "overrides.toml").write_text(TOML)
    (tmp_path / "overrides.csv").write_text(CSV)
    with pytest.raises(UserError) as error:
        read(tmp_path, mini)
    first = f"{tmp_path / 'overrides.toml'}, override 1"
    assert error.value.what == f"bea is given points for 01_double/pure test_twice twice, here and in {first}"
    assert error.value.where == f"{tmp_path / 'overrides.csv'}, line 3"
    (tmp_path / "overrides.csv").rename(tmp_path / overrides.PULLED)
    (tmp_path / overrides.PULLED).write_text(CSV.replace(",3,", ",3.5,"))
    assert [one.points for one in read(tmp_path, mini).overrides] == [3, 3.5]


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ('"ada"', '"adda"', "extension 1: there is no learner 'adda'; there is ada"),
        ("02_quad", "02_squad", "extension 1: there is no step '02_squad'; there is 02_quad"),
        ("01_double/pure", "01_double", "override 1: there is no module '01_double'; there is 01_double/pure"),
        ("test_twice", "test_thrice", "override 1: there is no check 'test_thrice'; there is test_twice"),
        ("12:00:00Z", "12:00:00", "extension 1: until must be a time with an offset"),
        ("points = 3", "points = -1", "override 1: points must be a number, 0 or more"),
        ("points = 3", "points = nan", "override 1: points must be a number, 0 or more"),
        ("points = 3", "points = true", "override 1: points must be a number, 0 or more"),
        ("points = 3\n", "", "override 1: points is missing"),
        ("points = 3", "points = 3.5", "points = 3.5 is more than 01_double/pure test_twice has: 3 points"),
        ('check = "test_twice"\npoints = 3', "points = 100", "points = 100 is more than 01_double/pure has: 4 points"),
        ('reason = "ill"\n', "", "extension 1: reason is missing"),
        ('reason = "ill"', 'reason = " "', "extension 1: reason must be a text"),
        ("check =", "chek =", "override 1: unknown key 'chek'"),
        ("[[override]]", "[[overide]]", r"has 'overide', and may have only \[\[extension\]\] and \[\[override\]\]"),
        ("[[override]]", "[override]", "has 'override', and may have only"),
        ("[[override]]", "[[override", "is not valid TOML"),
    ],
)
def test_what_is_not_understood_is_refused(mini: Path, tmp_path: Path, old: str, new: str, what: str) -> None:
    """The error names the file, the entry and what is there instead; no grade changes."""
    assert old in TOML
    (tmp_path / "overrides.toml").write_text(TOML.replace(old, new))
    with pytest.raises(UserError, match=what) as error:
        read(tmp_path, mini)
    assert error.value.next_step


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("ada,2026", "adda,2026", "line 2: there is no learner 'adda'"),
        ("2026-12-05T12", "soon", "line 2: until must be a time with an offset, as 2027-01-31T23:59:00"),
        (",3,", ",three,", "line 3: points must be a number, 0 or more"),
        (",3,", ",,", "line 3: points is missing"),
        (",3,", ',"1,000",', "line 3: points must be a number, 0 or more"),
        ("wrong\n", "wrong,more\n", "line 3: unknown key ''"),
        ("the check", '"the check', "line 3: is not a CSV file"),
        ("reason\n", "why\n", "line 2: unknown key 'why'"),
    ],
)
def test_a_csv_names_the_line(mini: Path, tmp_path: Path, old: str, new: str, what: str) -> None:
    """In a CSV file the error names the line."""
    assert old in CSV
    (tmp_path / "overrides.csv").write_text(CSV.replace(old, new))
    with pytest.raises(UserError, match=what):
        read(tmp_path, mini)


def test_learners_may_be_called_by_name(mini: Path, tmp_path: Path) -> None:
    """An id or a name that only one has, in any capitals, as grader explain takes it; an exact id comes first."""
    names = {"ada": "Ada Smith", "Bea": "Bea Smith", "bo": "Ada Smith", "BEA": "", "cy": "dan", "dan": "Dan"}
    said = "Learner,Module,POINTS,reason\n{},01_double/pure,3,x\n"
    for name, learner in {"BEA SMITH": "Bea", "ADA": "ada", "BEA": "BEA", "dan": "dan"}.items():
        (tmp_path / "overrides.csv").write_text(said.format(name))
        assert [one.learner for one in overrides.read(tmp_path, courses.load(mini), names).overrides] == [learner]
    for name, what in {"ada smith": "ada smith may be ada or bo", "bea": "bea may be Bea or BEA"}.items():
        (tmp_path / "overrides.csv").write_text(said.format(name))
        with pytest.raises(UserError, match=what):
            overrides.read(tmp_path, courses.load(mini), names)


def test_what_came_from_formgrader_is_read_last(mini: Path, tmp_path: Path) -> None:
    """`grader nbgrader pull` has a file of its own, which counts after the others, and can be left out."""
    (tmp_path / "overrides.toml").write_text(TOML, encoding="utf-8")
    own = "learner,module,check,points,reason\nbea,01_double/pure,test_twice,1.5,set in formgrader: better\n"
    (tmp_path / overrides.PULLED).write_text(own, encoding="utf-8")
    pulled = Override("bea", "01_double/pure", 1.5, "set in formgrader: better", "test_twice")
    found = read(tmp_path, mini)
    alone = overrides.read(tmp_path, courses.load(mini), LEARNERS, pulled=False)
    assert found.overrides == (*alone.overrides, pulled)
    assert len(alone.overrides) == 1


ALSO = """
[[extension]]
learner = "ada"
until = 2026-12-09T12:00:00Z
reason = "still ill"
step = "02_quad"
"""


def test_two_deadlines_for_the_same_are_refused(mini: Path, tmp_path: Path) -> None:
    """The error names both entries, in whichever files; the same one twice, other steps and learners are no matter."""
    first = tmp_path / "overrides.toml"
    first.write_text(TOML + ALSO)
    with pytest.raises(UserError) as error:
        read(tmp_path, mini)
    assert error.value.what == f"ada is given two deadlines for 02_quad, here and in {first}, extension 1"
    assert error.value.where == f"{first}, extension 2"
    everything = ALSO.replace('step = "02_quad"', "")
    for fine in (ALSO.replace("12-09", "12-05"), ALSO.replace('"ada"', '"bea"'), everything):
        first.write_text(TOML + fine)
        assert len(read(tmp_path, mini).extensions) == 2
    first.write_text(everything)
    (tmp_path / "overrides.csv").write_text("learner,until,reason\nada,2026-12-05T12:00:00+00:00,ill\n")
    with pytest.raises(UserError, match=r"ada is given two deadlines for all steps, here and in .*toml, extension 1"):
        read(tmp_path, mini)


def test_points_for_a_module_and_for_a_check_of_it_are_refused(mini: Path, tmp_path: Path) -> None:
    """In any order: those for the check would have no effect. What comes from formgrader may be beside the others."""
    whole = "bea,,,01_double/pure,,2,shown\n"
    header, _, check = CSV.splitlines(keepends=True)
    for rows in ((whole, check), (check, whole)):
        (tmp_path / "overrides.csv").write_text(header + "".join(rows))
        with pytest.raises(UserError, match="01_double/pure and for a check of it, here and in ") as error:
            read(tmp_path, mini)
        assert error.value.where == f"{tmp_path / 'overrides.csv'}, line 3"
        assert f"{tmp_path / 'overrides.csv'}, line 2" in error.value.what
    (tmp_path / "overrides.csv").write_text(header + check + whole.replace("bea", "ada"))
    (tmp_path / overrides.PULLED).write_text(header + check.replace("bea", "ada"))
    assert len(read(tmp_path, mini).overrides) == 3
