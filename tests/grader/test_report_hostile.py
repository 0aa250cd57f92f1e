"""Everything that a learner may have written is inert in every format: HTML, Markdown, CSV, terminal."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from grades import HOSTILE, LONG, class_page, grade, hostile, modules, passed, small_class
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from rich.console import Console

from grader.model import NOT_GRADED, Grade
from grader.report.grades import grades_csv
from grader.report.learner import learner_page, learner_text, text
from grader.report.page import Run
from grader.report.pages import environment
from grader.report.sentences import short, shown
from grader.report.terminal import table

MODULES = modules()
EVIL = hostile(MODULES)
PLAIN = small_class(MODULES)[1]
CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


class Elements(HTMLParser):
    """Each element of a page with its attributes, values left out but those of links."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.links: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen |= {tag, *(f"{tag} {name}" for name, _ in attrs)}
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "action")]


def learner(one: Grade) -> str:
    return learner_page(HOSTILE, 7, one, MODULES)


def whole_class(one: Grade) -> str:
    run = Run(HOSTILE, 7, "full", ((one.learner, one.learner, 0.9),), (HOSTILE,))
    ungraded = replace(PLAIN, learner="another", state=NOT_GRADED, why=HOSTILE)
    return class_page(run, [one, ungraded], MODULES, {one.learner: "learners/x.html"})


@pytest.mark.parametrize("page", [learner, whole_class])
def test_no_element_comes_from_a_learner(page: object) -> None:
    """A page with hostile text has no element, attribute or link that the same page with harmless text has not."""
    assert callable(page)
    evil, harmless = Elements(page(EVIL)), Elements(page(PLAIN))
    assert {"script", "img", "img onerror"} & evil.seen <= {"script"} & harmless.seen
    assert evil.seen <= harmless.seen | {"a", "a href"}
    assert all(re.fullmatch(r"#\d\d_\w+/\w+|learners/x\.html", link) for link in evil.links)


@pytest.mark.parametrize(
    "name", ["</script><img src=x>", "<!--<script>", "<!--", "]]>", "&lt;/script&gt;", '",[],"', HOSTILE]
)
def test_no_name_ends_the_data_of_the_script(name: str) -> None:
    """The rows that the page holds as data have no character of markup, and say what the learner is called."""
    evil = replace(PLAIN, learner=name, name=name, flags=(name,))
    page = class_page(Run("A course", 7, "full"), [evil], MODULES)
    ((before, data),) = re.findall(r'(<script[^>]*>)([^<]*)</script>\n<script>"use strict', page)
    assert before == '<script type="application/json" id="rows">'
    assert not set("<>&'") & set(data)
    ((learner, named, *_, remark, _, _),) = json.loads(data)
    assert learner == named == short(name)
    assert short(name)[:30] in remark


def test_the_same_text_unescaped_would_be_markup() -> None:
    """Without the escaping the hostile text gives elements: the parser of these tests would see them."""
    assert {"script", "img onerror"} <= Elements(f"<p>{HOSTILE}</p>").seen


@pytest.mark.parametrize("page", [learner, whole_class])
def test_what_does_not_print_is_spelt_out(page: object) -> None:
    """No control character and none that turns the line round is in a page; they stand there as escapes."""
    assert callable(page)
    source = page(EVIL)
    assert not CONTROLS.search(source)
    assert "\\u202egnp.exe" in source
    assert "\\x1b[31mred" in source


def test_long_texts_are_cut() -> None:
    """Ten thousand characters become two thousand, and the page says how many there were."""
    assert shown(LONG) == "x" * 2_000 + "... (10,000 characters)"
    assert len(learner(EVIL)) < 40_000
    assert len(learner_text("A course", EVIL, MODULES)) < 20_000
    assert "x" * 2_001 not in learner(EVIL) + whole_class(EVIL)
    many = replace(PLAIN, notes=tuple(f"left out file {number}" for number in range(5_000)))
    assert "and 4950 more" in learner(many)


def test_templates_escape_by_default() -> None:
    """What a template does not filter is escaped all the same, and a name it does not know is an error."""
    assert environment().from_string("{{ words }}").render(words="<b>") == "&lt;b&gt;"
    assert environment().autoescape is True
    assert environment().undefined.__name__ == "StrictUndefined"


def tokens(source: str) -> list[str]:
    """Every token of a Markdown text, those within lines too."""
    found = []
    for token in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(source):
        found += [token.type, *(child.type for child in token.children or [])]
    return found


INERT = {"text", "text_special"}


@given(
    st.text(alphabet=st.sampled_from("\\`*_[]()<>#!|~&@:/.-+=1aw \n\t\"'\u202e"), max_size=60) | st.text(max_size=60)
)
@example(HOSTILE)
@example("    indented code")
@example("&lt;b&gt; &#x3c;")
@example("[a]: http://b.example")
@example("a\n===")
@example("\\\\*")
def test_any_text_is_one_line_of_text_in_markdown(words: str) -> None:
    """A Markdown parser finds nothing but text in it, and reads back what was written."""
    source = text(words)
    assert "\n" not in source
    for before in ("", "- ", "Begin with: "):
        inner = [kind for kind in tokens(before + source + "\n") if kind not in INERT]
        assert inner == [kind for kind in tokens(before + ("a" if source else "") + "\n") if kind not in INERT]
    if source:
        (line,) = [t for t in MarkdownIt("commonmark").parse(f"- {source}\n") if t.type == "inline"]
        assert "".join(child.content for child in line.children or []) == " ".join(shown(words).split())


@pytest.mark.parametrize("words", ["https://a.example", "www.a.example", "me@a.example", "@teacher", "#12", "$x$"])
def test_what_platforms_link_on_their_own_is_broken_up(words: str) -> None:
    """Addresses, mentions and numbers of issues, which some platforms link without brackets, carry an escape."""
    assert "\\" in text(words)


def test_a_hostile_learner_gets_the_same_markdown_as_others() -> None:
    """The text of a hostile learner has no link, image, HTML or code block, and no heading but our own."""
    found = tokens(learner_text(HOSTILE, EVIL, MODULES))
    forbidden = {"link_open", "image", "html_block", "html_inline", "fence", "code_block", "s_open", "em_open", "hr"}
    assert not forbidden & set(found)
    headings = [kind for kind in found if kind == "heading_open"]
    assert len(headings) == len(["title", "next", "points", "01_value/pure", "files"])


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "  =1+1", "\t=1+1", "\r=1+1", "＝1+1"])  # noqa: RUF001  # full-width
def test_no_cell_of_the_csv_is_a_formula(name: str) -> None:
    """What a spreadsheet might compute begins with an apostrophe or with an escape."""
    one = grade(name, [passed(module) for module in MODULES], MODULES, name=name)
    (row,) = list(csv.reader(io.StringIO(grades_csv([one], MODULES))))[1:]
    assert [cell for cell in row[:2] if cell.startswith(("'", "\\"))] == row[:2]
    assert len(row) == 10


def test_a_row_of_the_csv_is_one_line() -> None:
    """Line ends within names are spelt out, and no control character is left."""
    lines = grades_csv([EVIL], MODULES).splitlines()
    assert len(lines) == 2
    assert not CONTROLS.search(lines[1])


def test_a_terminal_gets_no_escape_sequence() -> None:
    """Names and flags neither colour the terminal nor become Rich's markup, at any width."""
    for width in (40, 80, 200):
        out = io.StringIO()
        console = Console(file=out, width=width, color_system=None)
        console.print(table([replace(EVIL, flags=("[red]flag[/red]", HOSTILE))], MODULES, console))
        assert not CONTROLS.search(out.getvalue())
        assert max(len(line) for line in out.getvalue().splitlines()) <= width
    assert "[red]flag[/red]" in out.getvalue()
