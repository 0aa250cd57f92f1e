"""The pages in a headless Chromium: nothing reported, nothing wider than the screen, sorting and filtering."""

from __future__ import annotations

import contextlib
import io
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from grades import HOSTILE, class_page, grade, hostile, large_class, missing, modules, passed, small_class

from grader import course as courses
from grader import similar
from grader.model import Submission
from grader.report.learner import learner_page
from grader.report.page import Run
from grader.report.sentences import remark

selenium = pytest.importorskip("selenium.webdriver", reason="selenium is not installed: the pages are not opened")
from selenium.webdriver.chrome.service import Service  # noqa: E402  # after the skip above
from selenium.webdriver.common.by import By  # noqa: E402  # likewise
from selenium.webdriver.common.keys import Keys  # noqa: E402  # likewise
from selenium.webdriver.support.select import Select  # noqa: E402  # likewise

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
DRIVER = shutil.which("chromedriver")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
)  # fmt: skip
MODULES = modules()
CLASS = small_class(MODULES)
Page = Any  # selenium's WebDriver, which may not be installed

pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="chromium or its chromedriver is not installed: the pages are not opened"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Page]:
    """One Chromium for all tests here, with its own new profile."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        options = selenium.ChromeOptions()
        options.binary_location = CHROMIUM
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        driver = selenium.Chrome(options=options, service=Service(DRIVER))
        driver.set_page_load_timeout(60)
        try:
            yield driver
        finally:
            driver.quit()


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The addresses of the pages, by what is on them."""
    folder = tmp_path_factory.mktemp("pages")
    many = modules(10)
    big = large_class(many)
    evil = hostile(MODULES)
    evil_too = grade("<!--<script>", [passed(module) for module in MODULES], MODULES, name="</script><img src=x>")
    few = modules(3, ("pure",))
    flag = "03_softmax/pure: perhaps answers by heart: 11 numbers of the public tests are in it (0.25, 0.625, ...)"
    flagged = grade("gus", [passed(module) for module in few], few, name="Gus Smith", flags=(flag,))
    bare = grade("ida", [missing(module) for module in few], few)
    linked = {grade.learner: f"learners/{grade.learner}.html" for grade in CLASS}
    sources = {
        "class": class_page(Run("A small course", 7, "full"), CLASS, MODULES, linked),
        "class of 300": class_page(Run("A course", 7, "full"), big, many),
        "hostile class": class_page(Run(HOSTILE, 7, "none", ((HOSTILE, "b", 0.9),)), [evil, evil_too, *CLASS], MODULES),
        "long flag": class_page(Run("A course", 7, "full"), [flagged], few),
        "narrow learner": learner_page("A course", 7, bare, few),
        "class of nobody": class_page(Run("A course", 7, "full"), [], MODULES),
        "similar": similar_page(),
        "hostile learner": learner_page(HOSTILE, 7, evil, MODULES),
        "large learner": learner_page("A course", 7, big[2], many),
        **{f"learner {grade.learner}": learner_page("A course", 7, grade, MODULES) for grade in CLASS[1:5]},
    }
    for number, source in enumerate(sources.values()):
        (folder / f"{number}.html").write_text(source, encoding="utf-8")
    return {name: (folder / f"{number}.html").as_uri() for number, name in enumerate(sources)}


def similar_page() -> str:
    """Two learners who hand in the same, with long lines and names that try to be more than names."""
    course = courses.load(Path(__file__).resolve().parents[2])
    module = course.modules(["05_tokenizer"], ["pure"])[0]
    source = course.solution(module).read_text("utf-8") + "".join(
        f"\n\ndef more{n}(a, b):\n    return [a * {n} + b.x{n}, {'9' * 300}, print(a, b, sep={HOSTILE!r})]\n"
        for n in range(12)
    )
    read = [Submission(who, {module.step: {module.file: source.encode()}}) for who in (HOSTILE, "bea " * 40)]
    return similar.page("A course", similar.compare(course, read, [module]), read)


def emulate(browser: Page, width: int, scheme: str = "light", media: str = "screen") -> None:
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": features})
    size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def reports(browser: Page) -> list[str]:
    """What the browser has written to its console since it was asked last: errors of scripts, violations of the CSP."""
    return [entry["message"] for entry in browser.get_log("browser")]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_every_page_fits_and_nothing_is_reported(browser: Page, pages: dict[str, str], width: int, scheme: str) -> None:
    """In both colour schemes, on a phone and on a desk: an empty console, and no page wider than the screen."""
    emulate(browser, width, scheme)
    reports(browser)
    found = {}
    for name, address in pages.items():
        browser.get(address)
        wide = browser.execute_script("return document.documentElement.scrollWidth")
        found[name] = (reports(browser), wide > width, browser.title != "")
    assert found == dict.fromkeys(pages, ([], False, True))


def test_the_console_tells(browser: Page, pages: dict[str, str], tmp_path: Path) -> None:
    """Control: a script or a picture that is put into a page is refused by its policy, and the console says so."""
    source = Path(pages["class"].removeprefix("file://")).read_text("utf-8")
    file = tmp_path / "changed.html"
    file.write_text(
        source.replace("</main>", "<script>document.title = 'run'</script><img src='a.png'></main>"), "utf-8"
    )
    emulate(browser, 1280)
    browser.get(file.as_uri())
    assert browser.title != "run"
    assert sum("Content Security Policy" in line for line in reports(browser)) == 2


@pytest.mark.parametrize("page", ["class", "learner bob"])
def test_both_schemes_can_be_read(browser: Page, pages: dict[str, str], page: str) -> None:
    """Text stands out from what is behind it by 4.5 to 1 at least (WCAG AA), in each scheme; the schemes differ."""
    behind = {}
    for scheme in ("light", "dark"):
        emulate(browser, 1280, scheme)
        browser.get(pages[page])
        pairs = browser.execute_script(COLOURS)
        assert len(pairs) > 3
        assert min(contrast(*pair) for pair in pairs) >= 4.5
        behind[scheme] = pairs[0][1]
    assert behind["light"] != behind["dark"]


COLOURS = """
const behind = (node) => {
  for (let one = node; one; one = one.parentElement) {
    const colour = getComputedStyle(one).backgroundColor;
    if (colour !== "rgba(0, 0, 0, 0)") return colour;
  }
};
const numbers = (colour) => colour.match(/[0-9.]+/g).slice(0, 3).map(Number);
const pairs = [...document.querySelectorAll("body, body :not(svg, svg *, script, option, br)")]
  .map((node) => `${getComputedStyle(node).color};${behind(node)}`);
return [...new Set(pairs)].map((pair) => pair.split(";").map(numbers));
"""


def contrast(one: list[float], other: list[float]) -> float:
    """The contrast ratio of two sRGB colours, as WCAG 2 defines it: 1 to 21."""

    def luminance(colour: list[float]) -> float:
        linear = [c / 255 / 12.92 if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour]
        return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def shown_ids(browser: Page) -> list[str]:
    return browser.execute_script(
        "return [...document.querySelectorAll('#class tbody tr:not([hidden]) th a')].map((link) => link.textContent)"
    )


def test_headings_sort_by_click_and_by_keyboard(browser: Page, pages: dict[str, str]) -> None:
    """Numbers from the highest, then from the lowest, who has none at the other end; words from A; ARIA says so."""
    emulate(browser, 1280)
    browser.get(pages["class"])
    learner, total = browser.find_elements(By.CSS_SELECTOR, "#class thead th")[:2]
    total.find_element(By.TAG_NAME, "button").click()
    assert shown_ids(browser)[:4] == ["ada", "bob", "gus", "finn"]
    assert total.get_attribute("aria-sort") == "descending"
    total.find_element(By.TAG_NAME, "button").send_keys(Keys.ENTER)
    assert shown_ids(browser)[-4:] == ["finn", "gus", "bob", "ada"]
    assert total.get_attribute("aria-sort") == "ascending"
    learner.find_element(By.TAG_NAME, "button").send_keys(Keys.SPACE)
    assert shown_ids(browser) == ["ada", "bob", "cyd", "dan", "eve", "finn", "gus"]
    assert (learner.get_attribute("aria-sort"), total.get_attribute("aria-sort")) == ("ascending", None)


def test_rows_are_filtered_by_words_state_and_kind(browser: Page, pages: dict[str, str]) -> None:
    """Ids, names and remarks are searched, capitals or not; the lists narrow further; the number shown is said."""
    emulate(browser, 1280)
    browser.get(pages["class"])
    words = browser.find_element(By.ID, "words")
    state, only = (Select(browser.find_element(By.ID, name)) for name in ("state", "only"))
    count = browser.find_element(By.ID, "count")
    for typed, left in (("LOVELACE", ["ada"]), ("timed out", ["bob"]), ("fin", ["finn"]), ("3.5", [])):
        words.clear()
        words.send_keys(typed)
        assert shown_ids(browser) == left
        assert count.text == f"{len(left)} of 7 shown"
    words.clear()
    words.send_keys(Keys.ENTER)
    assert browser.current_url == pages["class"]
    state.select_by_visible_text("not graded")
    assert shown_ids(browser) == ["cyd", "eve"]
    state.select_by_visible_text("all")
    only.select_by_visible_text("late ones")
    assert shown_ids(browser) == ["bob"]
    only.select_by_visible_text("everybody")
    assert len(shown_ids(browser)) == 7


def numbers(start: int, end: int) -> list[str]:
    return [f"s{number:04}" for number in range(start, end)]


def table_ids(browser: Page) -> list[str]:
    return browser.execute_script(
        "return [...document.querySelectorAll('#class tbody th bdi:first-child')].map((name) => name.textContent)"
    )


def test_a_large_class_has_pages(browser: Page, pages: dict[str, str]) -> None:
    """A hundred rows at a time; a button goes on by click and by key, keeps the focus, and does nothing at an end."""
    emulate(browser, 1280)
    browser.get(pages["class of 300"])
    count, place = (browser.find_element(By.ID, name) for name in ("count", "place"))
    first, previous, following, last = browser.find_elements(By.CSS_SELECTOR, "#pager button")
    assert (table_ids(browser), count.text, place.text) == (numbers(0, 100), "1 to 100 of 300 shown", "page 1 of 3")
    browser.execute_script("document.getElementById('frame').scrollTop = 900")
    for button, key, start in (
        (following, Keys.ENTER, 100), (following, Keys.SPACE, 200), (following, Keys.ENTER, 200),
        (previous, Keys.ENTER, 100), (first, Keys.SPACE, 0), (first, Keys.ENTER, 0), (last, Keys.ENTER, 200),
    ):  # fmt: skip
        button.send_keys(key)
        assert (table_ids(browser), count.text) == (
            numbers(start, start + 100), f"{start + 1} to {start + 100} of 300 shown"
        )  # fmt: skip
        assert browser.switch_to.active_element == button
        ends = [one.get_attribute("aria-disabled") == "true" for one in (first, previous, following, last)]
        assert ends == [start == 0, start == 0, start == 200, start == 200]
    assert browser.execute_script("return document.getElementById('frame').scrollTop") == 0
    previous.click()
    assert place.text == "page 2 of 3"


def test_all_rows_of_a_large_class_are_sorted_and_searched(browser: Page, pages: dict[str, str]) -> None:
    """The highest total of all comes first, words find somebody of the last page, what fits has pages of its own."""
    emulate(browser, 1280)
    browser.get(pages["class of 300"])
    big = large_class(modules(10))
    count, words = (browser.find_element(By.ID, name) for name in ("count", "words"))
    browser.find_element(By.CSS_SELECTOR, "#class thead th:nth-child(2) button").click()
    totals = [one.total if one.counts else -1 for one in big]
    best = [one.learner for one, _ in sorted(zip(big, totals, strict=True), key=lambda pair: -pair[1])]
    assert table_ids(browser) == best[:100]
    browser.find_elements(By.CSS_SELECTOR, "#pager button")[3].click()
    assert table_ids(browser) == best[200:]
    words.send_keys("S0299")
    assert (table_ids(browser), count.text) == (["s0299"], "1 of 300 shown")
    assert browser.find_element(By.ID, "place").text == "page 1 of 1"
    words.clear()
    words.send_keys("timed out")
    fitting = [one.learner for one in big if "timed out" in remark(one)]
    assert 100 < len(fitting) < 300
    assert count.text == f"1 to 100 of {len(fitting)} shown; 300 in all"
    assert table_ids(browser) == [learner for learner in best if learner in fitting][:100]


def test_a_small_class_has_no_pages(browser: Page, pages: dict[str, str]) -> None:
    """Nothing but the rows: no button goes to a page that is not there."""
    emulate(browser, 1280)
    browser.get(pages["class"])
    assert not browser.find_element(By.ID, "pager").is_displayed()
    assert browser.find_element(By.ID, "count").text == "7 of 7 shown"


@contextlib.contextmanager
def without_scripts(browser: Page) -> Iterator[None]:
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        yield
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_the_page_is_complete_without_its_script(browser: Page, pages: dict[str, str]) -> None:
    """With scripts switched off every row is there, and no control that would do nothing."""
    emulate(browser, 1280)
    with without_scripts(browser):
        browser.get(pages["class"])
        rows = browser.find_elements(By.CSS_SELECTOR, "#class tbody tr")
        assert [row.is_displayed() for row in rows] == [True] * 7
        assert not browser.find_element(By.ID, "filters").is_displayed()
        assert browser.find_elements(By.CSS_SELECTOR, "#class thead button") == []
        browser.get(pages["class of 300"])
        assert len(browser.find_elements(By.CSS_SELECTOR, "#class tbody tr")) == 100
        assert not browser.find_element(By.ID, "pager").is_displayed()
        assert "100 of 300 learners at a time: grades.csv has all" in browser.find_element(By.ID, "legend").text


@pytest.mark.parametrize("page", ["class", "class of 300", "hostile class"])
def test_the_script_makes_the_rows_that_the_page_has_without_it(
    browser: Page, pages: dict[str, str], page: str
) -> None:
    """The same elements, classes, links and texts, whatever learners are called."""
    emulate(browser, 1280)
    rows = {}
    for scripts in (without_scripts(browser), contextlib.nullcontext()):
        with scripts:
            browser.get(pages[page])
            found = browser.find_elements(By.CSS_SELECTOR, "#class tbody tr")
            has_run = browser.find_element(By.ID, "filters").is_displayed()
            rows[has_run] = [row.get_attribute("outerHTML") for row in found]
    assert rows[True] == rows[False]
    assert len(rows[True]) >= 7


@pytest.mark.parametrize(("width", "seen"), [(1200, 23), (420, 3)])
def test_remarks_are_in_sight(browser: Page, pages: dict[str, str], width: int, seen: int) -> None:
    """Twenty modules fit beside names and remarks on 1,200 pixels; on a phone name, total and remark do."""
    emulate(browser, width)
    browser.get(pages["class of 300"])
    right, edges = browser.execute_script(
        "const right = (node) => node.getBoundingClientRect().right;"
        "const frame = document.getElementById('frame');"
        "return [frame.getBoundingClientRect().left + frame.clientWidth,"
        " [...document.querySelectorAll('#class tbody tr:first-child > *')].map(right)]"
    )
    assert len(edges) == 23
    assert sum(edge <= right + 1 for edge in edges) >= seen
    assert [cell.text for cell in browser.find_elements(By.CSS_SELECTOR, "#class thead th")[:3]] == [
        "learner", "total", "remarks",
    ]  # fmt: skip


@pytest.mark.parametrize("scale", [0.6, 0.7, 0.75, 1])
def test_each_row_has_its_line_on_paper(browser: Page, pages: dict[str, str], scale: float) -> None:
    """However a printer scales the page, the line between rows goes through the first column as through the others."""
    pixels = pytest.importorskip("PIL.Image", reason="pillow is not installed: no picture of the page is looked at")
    emulate(browser, 1200, media="print")
    size = {"width": 1200, "height": 3000, "deviceScaleFactor": scale, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.get(pages["class of 300"])
    corners = browser.execute_script(
        "return [...document.querySelectorAll('#class tbody tr')].slice(0, 40).map((row) =>"
        " [row.cells[0], row.cells[2]].map((cell) => cell.getBoundingClientRect()).map((r) => [r.left + 3, r.bottom]))"
    )
    picture = pixels.open(io.BytesIO(browser.get_screenshot_as_png())).convert("L")

    def line(x: float, y: float) -> bool:
        around = range(round(y * scale) - 2, round(y * scale) + 3)
        return min(picture.getpixel((round(x * scale), place)) for place in around) < 245

    found = [[line(*corner) for corner in row] for row in corners]
    assert found == [[True, True]] * 40


@pytest.mark.parametrize("page", ["class of 300", "large learner", "hostile learner"])
def test_print_leaves_nothing_out(browser: Page, pages: dict[str, str], page: str) -> None:
    """On paper no part of a page scrolls or is hidden, but for the controls."""
    emulate(browser, 1280, media="print")
    browser.get(pages[page])
    hidden = browser.execute_script(
        "const all = 'main *:not(svg *, script, label, label *, #pager, #pager *)';"
        "return [...document.querySelectorAll(all)].filter((node) =>"
        " getComputedStyle(node).overflowY !== 'visible' || !node.checkVisibility()).map((node) => node.outerHTML)"
    )
    assert [node for node in hidden if not node.startswith(("<svg", '<span class="soft">The headings sort'))] == []


def test_a_long_flag_leaves_the_modules_in_sight(browser: Page, pages: dict[str, str]) -> None:
    """On 420 pixels learner, total, remark and three modules stand beside each other; the flag takes more lines."""
    emulate(browser, 420)
    browser.get(pages["long flag"])
    right, edges = browser.execute_script(
        "const frame = document.getElementById('frame');"
        "return [frame.getBoundingClientRect().left + frame.clientWidth,"
        " [...document.querySelectorAll('#class tbody tr:first-child > *')]"
        ".map((cell) => cell.getBoundingClientRect().right)]"
    )
    assert len(edges) == 6
    assert max(edges) <= right + 1


def test_a_caption_is_one_line(browser: Page, pages: dict[str, str]) -> None:
    """However narrow its table is."""
    emulate(browser, 420)
    browser.get(pages["narrow learner"])
    height = browser.execute_script(
        "const range = document.createRange(); range.selectNodeContents(document.querySelector('caption'));"
        "return range.getClientRects().length"
    )
    assert height == 1


def test_what_stands_side_by_side_is_one_column_on_paper(browser: Page, pages: dict[str, str]) -> None:
    """A short column beside a long one would leave half of a page empty."""
    script = "return [...document.querySelectorAll('.columns > section')].map((s) => s.getBoundingClientRect().left)"
    for media, columns in (("screen", 2), ("print", 1)):
        emulate(browser, 1280, media=media)
        browser.get(pages["class"])
        assert len(set(browser.execute_script(script))) == columns
