"""my_gpt.html, the page about a learner's own GPT: it says what the model says, and it needs no other file."""

from __future__ import annotations

import html
import json
import math
import re
from itertools import chain
from pathlib import Path

import pytest
from learners import learner, run
from runner import pages

NAMES = ["abba", "cab", "bea", "ada", "dabe", "ebba"]
STEPS = 30


def words(track: str) -> list[str]:
    return ["--solutions", *(["--torch"] if track == "torch" else [])]


def made(here: Path, track: str, names: list[str], *more: object) -> tuple[dict, str]:
    """What `train` has kept, and what `page` has written."""
    (here / "names.txt").write_text("\n".join(names) + "\n", encoding="utf-8")
    done = run("train", *words(track), "--names", "names.txt", "--steps", STEPS, cwd=here)
    assert done.returncode == 0, done.stderr
    done = run("page", *words(track), *more, cwd=here)
    assert (done.returncode, done.stdout, done.stderr) == (0, "my_gpt/my_gpt.html: open it in a browser\n", "")
    return json.loads((here / "my_gpt" / "model.json").read_text()), (here / "my_gpt" / "my_gpt.html").read_text(
        "utf-8"
    )


def weights(state: dict[str, list[list[float]]], tokens: list[int]) -> list[list[list[float]]]:
    """[head][asks][is asked], in plain arithmetic from the formulas of steps 04, 06 and 07."""

    def norm(x: list[float]) -> list[float]:
        return [number / math.sqrt(sum(n * n for n in x) / len(x) + 1e-5) for number in x]

    def times(x: list[float], matrix: list[list[float]]) -> list[float]:
        return [sum(a * b for a, b in zip(x, row, strict=True)) for row in matrix]

    xs = [
        norm(norm([a + b for a, b in zip(state["wte"][token], state["wpe"][position], strict=True)]))
        for position, token in enumerate(tokens)
    ]
    queries, keys = ([times(x, state[f"layer0.attn_{name}"]) for x in xs] for name in ("wq", "wk"))
    found = []
    for head in range(4):
        part = slice(4 * head, 4 * head + 4)
        rows = []
        for t, query in enumerate(queries):
            scores = [sum(a * b for a, b in zip(query[part], key[part], strict=True)) / 2 for key in keys[: t + 1]]
            exps = [math.exp(score - max(scores)) for score in scores]
            rows.append([e / sum(exps) for e in exps])
        found.append(rows)
    return found


@pytest.mark.parametrize("track", ["pure", "torch"])
def test_the_page_says_what_the_model_does(tmp_path: Path, track: str) -> None:
    """Names and losses are those of `sample` and `train`, shares those of formulas, the program that of `assemble`."""
    kept, page = made(tmp_path, track, NAMES, "-n", 12, "--seed", 3)
    drawn = run("sample", *words(track), "-n", 12, "--seed", 3, cwd=tmp_path)
    invented = drawn.stdout.splitlines()
    shown = re.findall(r"<li>(.*?)(<small>in the list</small>)?</li>", page)
    assert [name for name, _ in shown] == [name or "(no letter)" for name in invented]
    assert [bool(known) for _, known in shown] == [name in NAMES for name in invented]
    assert f"{sum(name not in NAMES for name in invented)} of these 12 are not in the list" in page
    assert (
        f"trained in {'PyTorch' if track == 'torch' else 'pure Python'} by 30 steps on the names in names.txt" in page
    )
    losses, at_the_end = kept["losses"], sum(kept["losses"]) / STEPS
    assert f"It began at {losses[0]:.2f} and was {at_the_end:.2f} over the last 30 steps" in page

    titles = re.findall(r"<h3>(.*?)</h3>", page)
    assert titles == [name for name in dict.fromkeys(invented) if len(name) > 2][: len(titles)] != []
    tables = re.findall(r"<table class='heat'>.*?</table>", page, re.DOTALL)
    assert len(tables) == 4 * len(titles)
    for i, table in enumerate(tables):
        tokens = [5, *("abcde".index(letter) for letter in titles[i // 4])]
        want = weights(kept["state"], tokens)[i % 4]
        rows = [re.findall(r">(\d+)</td>", row) for row in re.findall(r"<tr><th scope='row'>.*?</tr>", table)]
        assert [len(row) for row in rows] == [len(row) for row in want] == list(range(1, len(tokens) + 1))
        for cell, share in zip(chain(*rows), chain(*want), strict=True):
            assert abs(int(cell) - 100 * share) < 0.501, (titles[i // 4], i % 4)  # whole per cents

    one = "--torch" if track == "torch" else "--pure"
    done = run("assemble", "--solutions", one, "--names", "names.txt", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    file = f"microgpt_{'pytorch' if track == 'torch' else 'simple'}.py"
    program = re.search(r"<pre tabindex=\"0\"><code>(.*?)</code></pre>", page, re.DOTALL)
    assert program is not None
    assert html.unescape(program[1]) == (tmp_path / "my_gpt" / file).read_text("utf-8")
    assert not re.search(r"<script|<link|<img|src=|url\(|https?:", page)


def test_whatever_a_name_holds_is_text(tmp_path: Path) -> None:
    """Letters that mean something in HTML come out as they are."""
    names = ["<b>&amp;", "a<i>'", '"x" & y', "</code></pre>"]
    _, page = made(tmp_path, "pure", names, "-n", 12, "--temperature", 5)
    letters = {letter for name in names for letter in name}
    shown = re.findall(r"<li>(.*?)(?:<small>in the list</small>)?</li>", page)
    assert len(shown) == 12
    assert not any(sign in name for name in shown for sign in "<>\"'")
    assert {letter for name in shown for letter in html.unescape(name)} - set("(no letter)") <= letters
    assert any("<" in html.unescape(name) for name in shown)
    assert re.search(r"<th scope='row'>&(lt|gt|amp|quot|#x27);</th>", page)
    assert page.count("</pre>") == page.count("<pre ") == 1


def test_the_curve_is_that_of_the_losses() -> None:
    """Each point stands where the scale of the axis says, and the dashed line at ln of the vocabulary."""
    losses = [3.5, 3.0, 2.75, 2.0]
    svg = pages.curve(losses, 27)
    marks = re.findall(r'class="grid" x1="44" x2="848" y1="([\d.]+)"', svg)
    zero, one = float(marks[0]), float(marks[1])
    points = re.search(r'class="each" points="(.*?)"', svg)
    assert points is not None
    places = [tuple(map(float, point.split(","))) for point in points[1].split()]
    assert [x for x, _ in places] == [44.0, 312.0, 580.0, 848.0]
    got = [(y - zero) / (one - zero) for _, y in places]
    assert got == pytest.approx(losses, abs=0.002)  # a tenth of a pixel, of 75 for 1
    guess = re.search(r'class="guess" x1="44" x2="848" y1="([\d.]+)"', svg)
    assert guess is not None
    assert (float(guess[1]) - zero) / (one - zero) == pytest.approx(math.log(27), abs=0.002)
    assert 'aria-label="The training loss over 4 steps: 3.50 at first, 2.81 on average at the end' in svg


def test_a_long_curve_is_drawn_by_means() -> None:
    """At most 800 points, from the first step to the last, and none is lost: each stands for its neighbours' mean."""
    points = pages.thinned([float(i) for i in range(1, 32_034)])
    assert len(points) == 782
    assert points[0] == (21.0, 21.0)  # of steps 1 to 41
    assert all(step == loss for step, loss in points)
    assert pages.thinned([3.0, 2.0]) == [(1.0, 3.0), (2.0, 2.0)]


@pytest.mark.parametrize("count", [1, 2, 10, 1001])
def test_tenths(count: int) -> None:
    """They follow one another from the first step to the last, and none is empty."""
    parts = pages.tenths(count)
    assert len(parts) == min(count, 10)
    assert [first for first, _ in parts] == [0, *(last for _, last in parts[:-1])]
    assert parts[-1][1] == count
    assert all(first < last for first, last in parts)


def test_what_a_page_needs(tmp_path: Path) -> None:
    """Without a model, or with a step that is not written, nothing is made, and the next command is named."""
    done = run("page", "--solutions", cwd=tmp_path)
    assert (done.returncode, done.stderr.splitlines()[0][:35]) == (1, "error: there is no trained model: m")
    made(tmp_path, "pure", NAMES)
    (tmp_path / "my_gpt" / "my_gpt.html").unlink()
    done = run("page", cwd=tmp_path, program=learner(tmp_path, upto=9))
    assert done.returncode == 1
    assert done.stderr.startswith("error: 10_sampling is not done yet: write sample() in sampling.py\nnext: pytest ")
    assert not (tmp_path / "my_gpt" / "my_gpt.html").exists()
