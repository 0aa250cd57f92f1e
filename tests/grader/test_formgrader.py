"""What was pushed, as formgrader shows it in a headless Chromium, and that learners' text stays text there."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from grades import HOSTILE

from grader.course import Course
from grader.model import Person

pytest.importorskip("nbgrader", reason="nbgrader is not installed: formgrader is not opened")
pytest.importorskip("jupyter_server", reason="Jupyter's server is not installed: formgrader is not opened")
selenium = pytest.importorskip("selenium.webdriver", reason="selenium is not installed: formgrader is not opened")
from nbgrader_course import (  # noqa: E402  # after the skips above
    course,
    environment,
    generated,
    gradebook,
    grader,
    hand_in,
    record,
    results,
    run_nbgrader,
)
from selenium.webdriver.chrome.service import Service  # noqa: E402  # likewise
from selenium.webdriver.common.by import By  # noqa: E402  # likewise
from selenium.webdriver.support.ui import WebDriverWait  # noqa: E402  # likewise

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
DRIVER = shutil.which("chromedriver")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--window-size=1200,1600",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
)  # fmt: skip
PATIENCE = 120  # seconds for a server to answer or a page to be filled, on a machine with other work
PICTURES = os.environ.get("FORMGRADER_PICTURES")  # a folder for screenshots, to look at
Page = Any  # selenium's WebDriver, which may not be installed
WHEN = {"": "2026-12-01T12:00:00+01:00"}  # a day late

pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="chromium or its chromedriver is not installed: formgrader is not opened"
)
RUN = "document.title = 'run'"
EVIL = f'</textarea></pre></code><script>{RUN}</script><img src=x onerror="{RUN}"> $$<script>{RUN}</script>$$ {HOSTILE}'


@dataclass(frozen=True)
class Site:
    """A course whose marks were pushed, and the server that shows it."""

    course: Course
    results: Path
    folder: Path
    address: str


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Two learners, one with markup in everything that a learner or a roster may write, on Jupyter's server."""
    top = tmp_path_factory.mktemp("formgrader")
    small = course(top / "course")
    folder = generated(small, top / "nb")
    for learner, text in (("ada", "def double(x):\n    return 2 * x\n"), ("evil", f"{EVIL}\n")):
        for name in ("01_double/double.py", "02_quad/quad.py"):
            file = top / "class" / learner / name
            file.parent.mkdir(parents=True)
            file.write_text(text, encoding="utf-8")
    failed = {"01_double/pure": {"test_twice": EVIL, "test_zero": "double(0) is not 0"}}
    graded = results(
        small,
        top / "results",
        [record(small, "ada", {"01_double/pure": {"test_zero": "double(0) is not 0"}}), record(small, "evil", failed)],
        [hand_in("ada", WHEN), hand_in("evil", WHEN)],
        [Person("ada", "Ada Lovelace"), Person("evil", f"<img src=x onerror={RUN!r}> <script>{RUN}</script>")],
        submissions=top / "class",
    )
    done = grader(small, "nbgrader", "push", graded, "--course", folder)
    assert done.exit_code == 0, done.output
    with served(folder) as address:
        yield Site(small, graded, folder, address)


class served:  # read as `with served(folder) as address`
    """Jupyter's server in a course's folder, on a free port of this machine, ended in any case."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.token = secrets.token_hex(16)
        self.log = folder.parent / "server.log"

    def __enter__(self) -> str:
        command = [
            sys.executable, "-m", "jupyter_server", "--no-browser", "--ip=127.0.0.1", "--port=0", "--allow-root",
            f"--IdentityProvider.token={self.token}", "--ServerApp.jpserver_extensions=nbgrader=True",
        ]  # fmt: skip
        with self.log.open("w") as out:
            env = environment(self.folder.parent / "home")
            self.process = subprocess.Popen(
                command, cwd=self.folder, env=env, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
            )
        try:
            return self.answering()
        except BaseException:
            self.__exit__()
            raise

    def answering(self) -> str:
        """The address, as soon as formgrader answers there."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self.process.poll() is None:
            found = re.search(r"http://127\.0\.0\.1:(\d+)/", self.log.read_text("utf-8"))
            if found and self.answers(address := f"http://127.0.0.1:{found[1]}"):
                return f"{address}/%s?token={self.token}"
            time.sleep(0.2)
        pytest.fail(f"the server does not answer: {self.log.read_text('utf-8')}")

    def answers(self, address: str) -> bool:
        try:
            with urllib.request.urlopen(f"{address}/formgrader/api/status?token={self.token}", timeout=20) as answer:
                return bool(json.load(answer)["status"])
        except (OSError, ValueError):
            return False

    def __exit__(self, *error: object) -> None:
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@pytest.fixture(scope="module")
def browser() -> Iterator[Page]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        options = selenium.ChromeOptions()
        options.binary_location = CHROMIUM
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        driver = selenium.Chrome(options=options, service=Service(DRIVER))
        driver.set_page_load_timeout(PATIENCE)
        try:
            yield driver
        finally:
            driver.quit()


def opened(browser: Page, site: Site, page: str, filled: str) -> None:
    """Open a page of formgrader, and wait until its scripts have filled in what is there as `filled`."""
    browser.get(site.address % "api/status")  # the scripts' requests need the cookie that comes with it
    browser.get(site.address % f"formgrader/{page}")
    WebDriverWait(browser, PATIENCE).until(lambda page: page.find_elements(By.CSS_SELECTOR, filled))


def picture(browser: Page, name: str) -> None:
    if PICTURES:
        Path(PICTURES).mkdir(parents=True, exist_ok=True)
        browser.save_screenshot(str(Path(PICTURES, f"{name}.png")))


def submission(site: Site, learner: str, step: str = "01_double", module: str = "double") -> str:
    with gradebook(site.folder) as book:
        return f"submissions/{book.find_submission_notebook(module, step, learner).id}/"


def cells_of(browser: Page, table: str) -> list[str]:
    return [cell.get_attribute("textContent").strip() for cell in browser.find_elements(By.CSS_SELECTOR, f"{table} td")]


def require_nothing_ran(browser: Page) -> None:
    """No script of a learner's has run, and no element of theirs is in the page."""
    assert browser.title != "run"
    found = browser.find_elements(By.CSS_SELECTOR, "img, script")
    assert [one for one in found if "run" in re.findall(r"'(\w*)'", one.get_attribute("outerHTML") or "")] == []


def test_the_gradebook_shows_the_scores(browser: Page, site: Site) -> None:
    """Manual Grading: the assignments, and each submitted notebook with its score; none waits for a person."""
    opened(browser, site, "gradebook", "#main-table td.score, #main-table td a")
    picture(browser, "gradebook")
    assert "01_double" in cells_of(browser, "#main-table")
    opened(browser, site, "gradebook/01_double/double", "#main-table td.score")
    picture(browser, "gradebook_notebook")
    scores = [cell.text for cell in browser.find_elements(By.CSS_SELECTOR, "td.score")]
    assert sorted(scores) == ["1.5 / 4.75", "4.5 / 4.75"]
    waiting = browser.find_elements(By.CSS_SELECTOR, "td.needs-manual-grade span")
    assert waiting == []
    require_nothing_ran(browser)


def test_students_have_their_scores(browser: Page, site: Site) -> None:
    """Manage Students, and a student's own page: the sums, and that the step was submitted."""
    opened(browser, site, "manage_students", "#main-table td.score")
    picture(browser, "students")
    found = cells_of(browser, "#main-table")
    assert "Lovelace, Ada" in found
    assert "10.5 / 10.75" in found
    require_nothing_ran(browser)
    opened(browser, site, "manage_students/ada", "#main-table td.score")
    assert [cell.text for cell in browser.find_elements(By.CSS_SELECTOR, "td.score")] == ["6.5 / 6.75", "4 / 4"]


def test_submissions_are_graded(browser: Page, site: Site) -> None:
    """Manage Assignments counts the submissions, and Manage Submissions has each as graded."""
    opened(browser, site, "manage_assignments", "#main-table td.num-submissions a")
    picture(browser, "assignments")
    counts = [cell.text for cell in browser.find_elements(By.CSS_SELECTOR, "td.num-submissions")]
    assert counts == ["2", "2"]
    opened(browser, site, "manage_submissions/01_double", "#main-table td.status")
    assert {cell.text for cell in browser.find_elements(By.CSS_SELECTOR, "td.status")} == {"graded"}


def test_a_submission_shows_code_verdicts_and_comment(browser: Page, site: Site) -> None:
    """The page of a submission: the learner's code, each check's points and verdict, the comment."""
    opened(browser, site, submission(site, "ada"), "input.score[placeholder='1.5']")
    picture(browser, "submission")
    placeholders = {box.get_attribute("id"): box.get_attribute("placeholder")
                    for box in browser.find_elements(By.CSS_SELECTOR, "input.score")}  # fmt: skip
    assert placeholders == {"test_twice": "3", "test_negative": "1.5", "test_zero": "0", "public_test_by_hand": "0",
                            "checks": "0"}  # fmt: skip
    said = browser.find_element(By.ID, "module-comment").get_attribute("placeholder")
    assert "test_zero: It is what the lesson says." in said
    assert "Hint: Look again." in said
    assert "1 day late" in said
    text = browser.find_element(By.ID, "notebook").text
    assert "return 2 * x" in text
    assert "passed, 3 of 3 points" in text
    assert "failed, 0 of 0.25 points" in text


def test_learners_text_stays_text(browser: Page, site: Site) -> None:
    """Markup in code, reasons and names is shown as it was typed, in formgrader and in the feedback."""
    opened(browser, site, submission(site, "evil"), "input.score[placeholder='1.5']")
    picture(browser, "hostile")
    assert f"<script>{RUN}</script>" in browser.find_element(By.ID, "notebook").text
    assert f"<script>{RUN}</script>" in browser.find_element(By.ID, "module-comment").get_attribute("placeholder")
    require_nothing_ran(browser)
    made = run_nbgrader(site.folder, "generate_feedback", "01_double", "--force")
    assert made.returncode == 0, made.stderr
    browser.get((site.folder / "feedback" / "evil" / "01_double" / "double.html").as_uri())
    picture(browser, "feedback")
    assert "Comments:" in browser.find_element(By.TAG_NAME, "body").text
    assert f"<script>{RUN}</script>" in browser.find_element(By.CSS_SELECTOR, ".panel-footer").text
    require_nothing_ran(browser)


def test_markup_would_run(browser: Page, site: Site) -> None:
    """Control: a comment that is not made a block of code does run in the feedback."""
    with gradebook(site.folder) as book:
        book.find_comment("module", "quad", "02_quad", "evil").auto_comment = f"<script>{RUN}</script>"
        book.db.commit()
    assert run_nbgrader(site.folder, "generate_feedback", "02_quad", "--force").returncode == 0
    browser.get((site.folder / "feedback" / "evil" / "02_quad" / "quad.html").as_uri())
    assert browser.title == "run"


def test_a_score_typed_in_formgrader_comes_back(browser: Page, site: Site) -> None:
    """Typed into the page, fetched by a pull, counted by rescore, kept by a push."""
    opened(browser, site, submission(site, "ada"), "input.score[placeholder='1.5']")
    box = browser.find_element(By.ID, "test_zero")
    comment = browser.find_element(By.ID, "module-comment")
    comment.send_keys("Shown in the office")
    box.send_keys("0.25")
    comment.click()  # what is typed is saved when the cursor leaves

    def saved(page: Page) -> bool:
        with gradebook(site.folder) as book:
            grade = book.find_grade("test_zero", "double", "01_double", "ada")
            words = book.find_comment("module", "double", "01_double", "ada")
            return bool(grade.manual_score == 0.25 and words.manual_comment)

    WebDriverWait(browser, PATIENCE).until(saved)
    pulled = grader(site.course, "nbgrader", "pull", site.results, "--course", site.folder)
    assert pulled.exit_code == 0, pulled.output
    lines = (site.results / "overrides-nbgrader.csv").read_text("utf-8").splitlines()
    assert lines[1:] == ["ada,01_double/pure,test_zero,0.25,set in formgrader: Shown in the office"]
    assert grader(site.course, "nbgrader", "push", site.results, "--course", site.folder).exit_code == 0
    opened(browser, site, submission(site, "ada"), "input.score[placeholder='1.5']")
    WebDriverWait(browser, PATIENCE).until(
        lambda page: page.find_element(By.ID, "test_zero").get_attribute("value") == "0.25"
    )
    picture(browser, "by_hand")
