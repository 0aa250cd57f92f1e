"""What the reports say: learners' pages and texts, the page of the class, grades.csv."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from grades import class_page, grade, large_class, mark, missing, modules, passed, small_class
from markupsafe import escape

from grader.course import CheckSpec
from grader.model import FAILED, FAULT, NOT_RUN, PASSED, REFERENCE, Grade, Mark, ModuleResult, Outcome
from grader.report import plots
from grader.report.grades import grades_csv
from grader.report.learner import learner_page, learner_text, what_next
from grader.report.page import Checks, Hard, Run, Troubles
from grader.report.sentences import remark, shown, to_look_at, verdict, why_not_graded

MODULES = modules()
CLASS = {grade.learner: grade for grade in small_class(MODULES)}
RUN = Run("A small course", 7, "full")


class Text(HTMLParser):
    """The words of a page, without style and script; its elements; and the ids and references in it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.elements: list[str] = []
        self.ids: list[str] = []
        self.references: set[str] = set()
        self.headings: list[int] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        named = dict(attrs)
        self.ids += [named["id"] or ""] if "id" in named else []
        for name in ("aria-labelledby", "aria-describedby"):
            self.references |= {named[name] or ""} if name in named else set()
        if (named.get("href") or "").startswith("#"):
            self.references.add((named["href"] or "")[1:])
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))

    def handle_data(self, data: str) -> None:
        if self.elements[-1:] not in (["style"], ["script"]):
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def both(grade: Grade) -> list[str]:
    """What a learner reads: the page, and the text without its escapes."""
    page = Text(learner_page("A small course", 7, grade, MODULES)).text
    return [page, " ".join(learner_text("A small course", grade, MODULES).replace("\\", "").split())]


@pytest.mark.parametrize("learner", CLASS)
def test_page_and_text_say_the_same(learner: str) -> None:
    """Sentences, reasons, hints, remarks and notes of what was handed in stand in the page and in the text."""
    one = CLASS[learner]
    told = [*one.notes]
    for each in one.marks.values():
        told += each.remarks
        there = each.result is not None and any(outcome.cause != "missing" for outcome in each.result.outcomes)
        for outcome in each.result.outcomes if each.result is not None and there else ():
            told += [outcome.sentence, outcome.hint, "" if outcome.status == FAULT else outcome.reason]
    for words in both(one):
        assert not [part for part in told if " ".join(part.split()) not in words]


def test_the_first_failed_check_is_what_to_do_next() -> None:
    """The first one in the order of the course comes first, with its hint and the command of its step."""
    for words in both(CLASS["bob"]):
        said = words[words.index("What to do next") : words.index("Points by step")]
        assert "Begin with 01_value (torch): Large logits do not overflow." in said
        assert "Hint: Subtract the largest first." in said
        assert "pytest exercises/01_value" in said


def test_without_a_failure_the_next_module_is_next() -> None:
    """Who fails nothing goes on with the first module that is missing; who has all is told so; others hear nothing."""
    going_on = what_next(CLASS["gus"])
    assert going_on is not None
    assert (going_on.step, "02_backward (torch)" in going_on.what) == ("02_backward", True)
    assert what_next(CLASS["ada"]) is not None
    assert "every check passes" in " ".join(both(CLASS["ada"]))
    assert [what_next(CLASS[name]) for name in ("cyd", "dan", "eve")] == [None, None, None]


@pytest.mark.parametrize("learner", ["cyd", "eve"])
def test_who_is_not_graded_hears_that_it_costs_nothing(learner: str) -> None:
    """No number stands on the page of a learner who is not graded, and it says that this is no judgement."""
    for words in both(CLASS[learner]):
        assert re.search(rf"\b{learner} ?: not graded", words)
        assert "no judgement of it and costs you nothing" in words
        assert not re.search(r"\d of \d", words)


def test_a_fault_does_not_quote_hidden_tests() -> None:
    """The words of a fault, in which a hidden test may show its inputs, are for instructors."""
    secret = "the hidden test itself failed: AssertionError: 0.123 != 0.456"
    one = CLASS["eve"]
    key = "02_backward/pure"
    result = one.marks[key].result
    assert result is not None
    outcomes = tuple(replace(o, reason=secret) if o.status == FAULT else o for o in result.outcomes)
    marks = one.marks | {key: replace(one.marks[key], result=replace(result, outcomes=outcomes))}
    leaky = replace(one, marks=marks, why=f"{key} test_rows_sum_to_one: {secret}")
    for words in both(leaky):
        assert "0.456" not in words
        assert f"{key} test_rows_sum_to_one" in words
    assert "0.456" in class_page(RUN, [leaky], MODULES)


def test_flags_are_for_instructors() -> None:
    """A learner's own page and text hold neither flags nor other learners."""
    assert CLASS["bob"].flags[0] in class_page(RUN, [CLASS["bob"]], MODULES)
    for words in both(CLASS["bob"]):
        assert CLASS["bob"].flags[0] not in words


def test_a_verdict_is_one_sentence() -> None:
    """Passed, right on top of the reference, failed, not run and a fault are told apart in words."""
    result = mark(MODULES[0], PASSED, "carried", FAULT).result
    assert result is not None
    said = [verdict(outcome, result) for outcome in result.outcomes]
    assert said[0] == "passed"
    assert said[1] == "passed: your 01_value is right; it fails on top of your earlier steps"
    assert said[2] == "not graded: this is not your fault; ask your instructor"
    assert verdict(Outcome("a", FAILED, "", "wrong", "6 is not 7"), result) == "failed: 6 is not 7"
    assert verdict(Outcome("a", NOT_RUN, "", reason="no time was left"), result) == "no time was left"


@pytest.mark.parametrize("page", ["class", *CLASS])
def test_pages_have_the_structure_that_screen_readers_follow(page: str) -> None:
    """One h1, no level left out, landmarks, unique ids, and no reference to an id that is not there."""
    everybody = list(CLASS.values())
    source = (
        class_page(RUN, everybody, MODULES) if page == "class" else learner_page("A course", 7, CLASS[page], MODULES)
    )
    found = Text(source)
    assert found.headings[0] == 1
    assert found.headings.count(1) == 1
    assert all(after <= before + 1 for before, after in zip(found.headings, found.headings[1:], strict=False))
    assert {"header", "main", "title"} <= set(found.elements)
    assert '<html lang="en">' in source
    assert len(found.ids) == len(set(found.ids))
    assert found.references <= set(found.ids)
    assert re.findall(r"<th(?! scope=)(?! class=\"[nm ]+\" scope=)[ >]", source) == []
    assert "details" not in found.elements  # what is folded away is not printed


def test_the_page_of_the_class_leaves_checks_to_the_learners_pages() -> None:
    """It links each learner's page and holds no reason of a failed check."""
    linked = class_page(RUN, CLASS.values(), MODULES, {"bob": "learners/bob.html"})
    assert '<a href="learners/bob.html"><bdi>bob</bdi></a>' in linked
    assert "softmax() was wrong" not in linked
    assert "<bdi>ada</bdi>" in linked
    assert 'href="learners/ada' not in linked


def test_the_page_of_the_class_names_whom_to_look_at() -> None:
    """Pairs, flags, time-outs, late ones, who is missing and who is not graded, each with what there is to know."""
    page = Text(class_page(replace(RUN, pairs=(("ada", "gus", 0.974),)), list(CLASS.values()), MODULES)).text
    for words in (
        "ada and gus (97 %)",
        "bob : all public tests of 03_softmax pass",
        "Code that timed out bob : 1 check",
        "Code that used a forbidden call bob : 1 check",
        "Late bob : 01_value/torch 2 days (-0.6)",
        "Handed in nothing dan , Dan",
        "cyd : hand-in.zip: is not a zip file",
        "2 not graded.",
        "4 graded, 2 not graded, 1 handed in nothing",
    ):
        assert words in page


def table_rows(page: str) -> list[list[str]]:
    """The rows of which the page's script makes the table."""
    found = re.search(r'<script type="application/json" id="rows">(.*?)</script>', page)
    assert found is not None
    return json.loads(found[1])


def test_a_large_class_is_a_page_that_a_browser_can_hold() -> None:
    """A hundred rows are there as a table and say that they are not all; the others take 300 bytes each."""
    many = modules(10)
    small, large = (class_page(RUN, large_class(many, learners), many) for learners in (100, 1_000))
    assert [page.count('<tr><th scope="row"><bdi>') for page in (small, large)] == [100, 100]
    assert ("grades.csv" in small, "100 of 1,000 learners at a time: grades.csv has all of them" in large) == (
        False,
        True,
    )
    assert "<title>A small course: 1,000 learners</title>" in large
    assert [row[0] for row in table_rows(large)] == [f"s{number:04}" for number in range(1_000)]
    assert (len(large.encode()) - len(small.encode())) / 900 < 300


def test_a_row_for_the_script_says_what_counts() -> None:
    """Id, name, page, state, kinds, total, remark, points and shades; kinds are what the table can be narrowed to."""
    noted = replace(CLASS["gus"], notes=("left out x.py: a link",), decisions=("all steps: extension until x: ill",))
    undated = replace(
        CLASS["ada"], marks=CLASS["ada"].marks | {"03_softmax/pure": replace(passed(MODULES[4]), undated=True)}
    )
    run = replace(RUN, pairs=(("ada", "finn", 0.97),))
    some = [CLASS["bob"], CLASS["dan"], undated, CLASS["finn"], noted]
    bob, dan, ada, finn, gus = table_rows(class_page(run, some, MODULES, {"bob": "learners/bob.html"}))
    assert bob[:6] == ["bob", "Bob Ünal", "learners/bob.html", "graded", "late flagged noted", "10.9"]
    assert bob[7:] == ["3.5 1.9 0.5 3 2 -", "42132-"]
    assert dan == ["dan", "Dan", "", "nothing handed in", "", "-", "nothing handed in", "- - - - - -", "------"]
    assert [row[4] for row in (ada, finn, gus)] == ["flagged undated", "flagged", "decided noted"]


def test_lists_of_a_large_class_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each list names so many and says how many more there are, and what in the page names all of them."""
    monkeypatch.setattr("grader.report.page.MOST_LISTED", 3)
    monkeypatch.setattr("grader.report.page.MOST_NOT_GRADED", 2)
    some = [
        replace(CLASS["bob"], learner=f"bob{n}", decisions=("all steps: extension until x: ill",)) for n in range(1_005)
    ] + [replace(CLASS[who], learner=f"{who}{n}") for who in ("cyd", "dan") for n in range(5)]
    page = Text(class_page(replace(RUN, notes=("a", "b", "c", "d")), some, MODULES)).text
    for said in (
        'cyd1 : hand-in.zip: is not a zip file and 3 more: the table names them all where State is "not graded"',
        'and 1,002 more: the table names them all where Show is "late ones"',
        'and 1,002 more: the table names them all where Show is "flagged ones"',
        'and 1,002 more: the table names them all where Show is "decided by people"',
        'and 1,002 more: the table names them all where Show is "left out or in doubt"',
        'dan2 , Dan and 2 more: the table names them all where State is "nothing handed in"',
        "and 985 more, with fewer; their remarks in the table say so",
        "a b c and 1 more: class.json has all of them",
    ):
        assert said in page
    lists = page[page.index("To look at") :]
    assert [who for who in ("bob2", "bob3", "dan2", "dan3") if re.search(rf"{who} [:,]", lists)] == [
        "bob2",
        "bob3",
        "dan2",
    ]


def hardest(grades: list[Grade]) -> list[Hard]:
    checks = Checks()
    for one in grades:
        checks.add(one)
    return checks.hardest()


def test_the_hardest_checks_are_shares_of_who_handed_in() -> None:
    """Who did not hand a module in does not count for it, nor does a fault; the hardest come first, 15 at most."""
    of = modules(1, ("pure",))
    here = [
        grade("a", [mark(of[0], PASSED, "wrong", FAULT)], of),
        grade("b", [mark(of[0], "wrong", "raised", "wrong")], of),
        grade("c", [missing(of[0])], of),
        grade("d", [mark(of[0])], of),
    ]
    assert [(one.check, one.failed, one.of) for one in hardest(here)] == [
        ("test_large_logits", 2, 2), ("test_empty_list", 1, 1), ("test_rows_sum_to_one", 1, 2),
    ]  # fmt: skip
    many = modules(10)
    assert len(hardest(large_class(many, 40))) == 15


def test_troubles_come_with_the_most_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time-outs are counted for each learner; of those with as many the first are named, and all are counted."""
    monkeypatch.setattr("grader.report.page.MOST_TROUBLED", 2)
    of = modules(1, ("pure",))
    troubles = Troubles()
    for who, kinds in (("a", ("timed out", PASSED, PASSED)), ("b", ("timed out", "timed out", "died"))):
        troubles.add(grade(who, [mark(of[0], *kinds)], of))
    assert troubles.named() == [("timed out", 2, [("b", 2), ("a", 1)]), ("ended the process", 1, [("b", 1)])]
    for who, kinds in (("c", ("timed out", PASSED, PASSED)), ("d", ("timed out", "timed out", PASSED))):
        troubles.add(grade(who, [mark(of[0], *kinds)], of))
    assert troubles.named()[0] == ("timed out", 4, [("b", 2), ("d", 2)])


def test_a_histogram_counts_every_value_once() -> None:
    """The upper end belongs to the last part; what lies beyond an end is counted there; the words say the same."""
    assert plots.counts([0, 1, 5, 9.99, 10, 12, -1], 10, 5) == [3, 0, 1, 0, 3]
    assert plots.counts([0, 0], 0, 3) == [2, 0, 0]
    assert 'aria-label="Totals. Learners by points: 0 to 1: 1; 9 to 10: 2"' in plots.histogram([0, 9, 10], 10, "Totals")


@pytest.mark.parametrize("learners", [0, 1])
def test_a_class_of_nobody_has_a_page(learners: int) -> None:
    """Nothing to show is no error, in any format."""
    some = [grade("a", [passed(module) for module in MODULES], MODULES)][:learners]
    assert "The hardest checks" in class_page(RUN, some, MODULES)
    assert len(grades_csv(some, MODULES).splitlines()) == 1 + learners
    assert "0 points" in class_page(RUN, [], [])


def cells(grades: list[Grade]) -> list[list[str]]:
    return list(csv.reader(io.StringIO(grades_csv(grades, MODULES))))


def test_no_number_stands_for_work_that_was_not_graded() -> None:
    """Who is not graded or handed in nothing has empty cells in place of points, and a status that says why."""
    rows = {row[0]: row[2:] for row in cells(list(CLASS.values()))}
    for learner, status in (("cyd", "not graded"), ("dan", "nothing handed in"), ("eve", "not graded")):
        assert rows[learner] == [""] * 7 + [status]
    assert rows["bob"] == ["3.5", "1.9", "0.5", "3", "2", "0", "10.9", "graded"]
    assert rows["finn"][-2:] == ["0", "graded"]


def test_a_column_of_names_needs_a_roster() -> None:
    """Where no grade has a name there is no column for it."""
    assert cells(list(CLASS.values()))[0][:2] == ["learner", "name"]
    assert cells([CLASS["eve"]])[0] == ["learner", *(module.key for module in MODULES), "total", "status"]


@pytest.mark.parametrize("learner", ["cyd", "dan", "eve"])
def test_points_for_one_module_are_a_number_for_it_alone(learner: str) -> None:
    """Somebody's points for one module of a learner without a number leave all others empty; the state stays."""
    one = CLASS[learner]
    key = MODULES[0].key
    given = replace(one.marks[key], points=3.0, by_hand=True, remarks=("set to 3 points by hand: oral exam",))
    helped = replace(one, marks=one.marks | {key: given})
    assert cells([helped])[1][-8:] == ["3", *[""] * 5, "3", one.state]
    for words in both(helped):
        assert "3 of 21 points" in words
        assert "oral exam" in words
        assert ("Not handed in." in words) == (learner == "dan")  # what cannot be read may have been handed in
        assert ("Not all of this work could be graded." in words) == (learner != "dan")
        assert len(re.findall(r"\d of \d", words.split("Points by step")[1])) == 2  # in the overview, and as a heading
    row = re.search(r"<tr><th scope=\"row\">.*</tr>", class_page(RUN, [helped], MODULES))
    assert row is not None
    assert re.findall(r'<td class="n[^"]*">([^<]*)<', row[0]) == ["3", "3", *["-"] * 5]


def test_a_0_given_by_hand_is_a_number() -> None:
    """Where nothing was handed in and somebody gave 0, it says 0, and no dash."""
    given = replace(missing(MODULES[0]), by_hand=True)
    found = grade("ann", [given, *(missing(module) for module in MODULES[1:])], MODULES)
    assert "01_value/pure | 0 of 3.5" in learner_text("A course", found, MODULES)
    assert "01_value/torch | -" in learner_text("A course", found, MODULES)


def test_the_instructors_path_stays_with_the_instructor() -> None:
    """A learner's page says what is wrong with which file; the class's page also where it lies and what to do."""
    why = "/srv/class of 2027/own/max.7z: cannot be read as an archive: it is broken\n  put what is in it into a folder"
    one = replace(CLASS["cyd"], why=why)
    for words in both(one):
        assert "max.7z: cannot be read as an archive: it is broken" in words
        assert "/srv" not in words
        assert "put what is in it" not in words
    page = Text(class_page(RUN, [one], MODULES)).text
    assert "/srv/class of 2027/own/max.7z" in page
    assert "put what is in it into a folder" in page
    assert why_not_graded(replace(one, why="the hand-in is not graded yet")) == "the hand-in is not graded yet"


def test_what_is_said_of_all_modules_is_said_once() -> None:
    """A remark that every module handed in has stands above them, once, and not above one that was not handed in."""
    unknown = "it is not known when this was handed in: taken as in time"
    own = "set to 1 point by hand: oral"
    marks = [replace(passed(module), remarks=(unknown,)) for module in MODULES[:3]]
    marks[1] = replace(marks[1], remarks=(unknown, own))
    found = grade("ann", [*marks, *(missing(module) for module in MODULES[3:])], MODULES)
    for words in both(found):
        assert words.count(unknown) == 1
        assert words.index("Points by step") < words.index(unknown) < words.index("01_value/pure: 3.5 of 3.5 points")
        assert words.count(own) == 1
    some = replace(found, marks=found.marks | {MODULES[0].key: passed(MODULES[0])})
    assert [words.count(unknown) for words in both(some)] == [2, 2]


@pytest.mark.parametrize(
    ("days", "said"),
    [([19], "19 days late"), ([2, 2], "2 days late"), ([1, 0], "1 day late"), ([3, 1], "up to 3 days late")],
)
def test_how_late_is_said_without_up_to_where_it_is_one_number(days: list[int], said: str) -> None:
    """Up to is said where modules are late by different days."""
    of = MODULES[: len(days)]
    found = grade("ann", [replace(passed(m), days_late=n) for m, n in zip(of, days, strict=True)], of)
    assert remark(found) == said


def test_one_is_no_plural() -> None:
    """One module, one point, one learner."""
    of = [replace(MODULES[0], checks={"test_empty_list": CheckSpec("test_empty_list", 1.0, "")})]
    one = [grade("ann", [Mark(1, points=1)], of)]
    page = class_page(RUN, one, of)
    assert "1 module, 1 point." in page
    assert ": 1 learner</title>" in page
    assert "1 of 1 point" in learner_page("A course", 7, one[0], of)
    assert not re.search(r"\b1 (module|point|learner)s", page + learner_page("A course", 7, one[0], of))


def test_who_handed_in_no_earlier_steps_has_not_failed_on_them() -> None:
    """A check that passes on the reference for want of own steps counts as passed and no more."""
    lent = "the earlier steps were not handed in: the reference's were used"
    result = ModuleResult("03_softmax", "pure", (Outcome("a", PASSED, "A.", reason=lent, chain=REFERENCE),))
    found = grade("ann", [Mark(1, result, points=1, remarks=(lent,))], MODULES[4:5])
    assert (verdict(result.outcomes[0], result), remark(found)) == ("passed", "")
    page = learner_page("A course", 7, found, MODULES[4:5])
    assert (Text(page).text.count(lent), "fails on top" in page) == (1, False)


def test_the_page_of_the_class_tells_what_people_decided() -> None:
    """Extensions and overrides stand there with their reasons, and lateness with what it costs, if anything."""
    late = [replace(passed(MODULES[0]), days_late=2, penalty=0.7), replace(passed(MODULES[1]), days_late=1)]
    decisions = ("all steps: extension until 2026-12-08 12:00 UTC: ill", "01_value/torch: 3.5 points by hand: <shown>")
    found = grade("bea", [*late, *(missing(m) for m in MODULES[2:])], MODULES, decisions=decisions)
    page = Text(class_page(RUN, [found], MODULES)).text
    assert "Late bea : 01_value/pure 2 days (-0.7), 01_value/torch 1 day (costs nothing)" in page
    assert f"Decided by people bea : {decisions[0]} bea : {decisions[1]}" in page


NOTES = {
    "took 03_softmax/softmax.py from final/softmax.py": False,
    "took 03_softmax/softmax.py from a.ipynb: softmax.py is still as it was handed out": False,
    "read softmax.py as latin-1, which it is saved in": False,
    "the repository's name is taken without softmax-": False,
    "from submission_12": False,
    "ada lovelace is 17 of the roster": False,
    "left out b/softmax.py: a/softmax.py is taken, and they differ": True,
    "left out x.zip: an archive within an archive": True,
    "ada_LATE_12_34_softmax.py: Canvas calls it late": True,
    "submission_metadata.yml does not say whose this is": True,
    "and 12 notes more": True,
}


def test_the_page_of_the_class_lists_doubts() -> None:
    """What was left out or is in doubt stands there by learner; files found elsewhere are counted."""
    of = MODULES[:1]
    found = [grade(f"l{n}", [passed(of[0])], of, notes=(note,)) for n, note in enumerate(NOTES)]
    assert {one.notes[0]: bool(to_look_at(one)) for one in found} == NOTES
    page = Text(class_page(RUN, found, of)).text
    assert [note for note in NOTES if note in page] == [note for note, doubt in NOTES.items() if doubt]
    assert "Files of 6 learners were taken from other places" in page
    many = grade("ann", [passed(of[0])], of, notes=tuple(f"left out {n}.py: larger than 9 KiB" for n in range(9)))
    assert "left out 4.py: larger than 9 KiB; and 4 more" in Text(class_page(RUN, [many], of)).text


def test_a_heap_of_accents_is_cut() -> None:
    """Accents upon accents do not reach the neighbouring lines; a letter with two of them stays."""
    assert shown("Nguye\u0302\u0303n") == "Nguye\u0302\u0303n"
    assert shown("a" + "\u0301" * 500) == "a" + "\u0301" * 3
    assert str(escape(shown("\U000e0041"))) == "\\U000e0041"


def test_the_page_of_the_class_says_whose_time_is_not_known() -> None:
    """With names, twenty at most, and the modules where it is not all that was handed in."""
    unknown = [replace(passed(MODULES[0]), undated=True), *(missing(module) for module in MODULES[1:])]
    part = [replace(passed(MODULES[0]), undated=True), *(passed(module) for module in MODULES[1:])]
    found = [grade("ann", unknown, MODULES), grade("ben", part, MODULES), CLASS["ada"]]
    page = Text(class_page(RUN, found, MODULES)).text
    said = "Time not known It is not known when 2 learners handed in: taken as in time. ann , ben (01_value/pure)"
    assert said in page
    assert "Nothing stands out" not in page
    many = Text(class_page(RUN, [grade(f"l{n:02}", unknown, MODULES) for n in range(23)], MODULES)).text
    assert "l18 , l19 and 3 more: the table names them all" in many
    assert "It is not known when 1 learner handed in" in Text(class_page(RUN, found[:1], MODULES)).text
    assert "Time not known" not in Text(class_page(RUN, [CLASS["ada"]], MODULES)).text


def test_where_people_have_given_all_points_nothing_is_said_of_checks() -> None:
    """Neither that nothing was handed in, nor that every check passes."""
    given = [Mark(3.5, points=2.0, by_hand=True, remarks=(f"set to 2 points by hand: {m.key}",)) for m in MODULES]
    found = grade("oto", given, MODULES)
    assert (remark(found), what_next(found)) == ("points given by hand", None)
    for words in both(found):
        assert "No check could run: people have given the points." in words
        assert not re.search("not handed in|not graded|every check passes", words, re.IGNORECASE)
