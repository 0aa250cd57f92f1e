"""The page about a learner's own GPT: its names, its loss, what its heads look at, and the whole program.

Used by microgpt.py. May import the standard library only. One file that needs no other, readable in both colour schemes
and without seeing it: pictures have a text, and the numbers stand in tables.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from itertools import pairwise
from pathlib import Path
from string import Template
from typing import Any

from runner.view import mean

SMOOTH = 100  # steps of the running mean
POINTS = 800  # of a curve; longer ones are drawn by the means of neighbouring steps
LONGEST = 9  # letters of a name whose heads are shown: more cells do not fit beside one another
READ = 2  # names whose heads are shown
WIDE, HIGH, LEFT, RIGHT, TOP, BOTTOM = 860, 320, 44, 12, 14, 40  # the picture of the loss, and its margins, in pixels

Weights = list[list[list[float]]]  # [head][asks][is asked]


def page(
    kept: dict[str, Any],
    source: str,
    names: Sequence[tuple[str, bool]],
    how: str,
    read: Sequence[tuple[str, Weights]],
    program: tuple[str, str],
) -> str:
    """The page as HTML.

    kept:     what training.read gives
    source:   where the names are from that it was trained on
    names:    each invented one, and whether it stands in that list
    how:      how they were drawn
    read:     names, and the attention weights of a model that reads them, BOS in front
    program:  the name and the text of the assembled program
    """
    settings, losses, vocab_size = kept["settings"], kept["losses"], len(kept["chars"]) + 1
    parameters = sum(len(row) for rows in kept["state"].values() for row in rows)
    batch = f", {settings['batch_size']} names each" if settings["batch_size"] > 1 else ""
    track = "PyTorch" if settings["track"] == "torch" else "pure Python"
    new = sum(not known for _, known in names)
    last = mean(losses[-SMOOTH:])
    file, text = program
    return Template(Path(__file__).with_name("page.html").read_text(encoding="utf-8")).substitute(
        facts=f"{parameters:,} parameters, trained in {track} by {len(losses):,} steps{batch} on the names in "
        f"{escape(source)}, seed {settings['seed']}.",
        invented=f"{new} of these {len(names)} are not in the list that it learnt from. {how[:1].upper()}{how[1:]}.",
        names="\n".join(
            f"<li>{escape(name) or '(no letter)'}{'<small>in the list</small>' if known else ''}</li>"
            for name, known in names
        ),
        learnt=f"Knowing nothing, each of the {vocab_size} possibilities is as likely as any other, and the loss is "
        f"ln {vocab_size} = {math.log(vocab_size):.2f}. It began at {losses[0]:.2f} and was {last:.2f} over "
        f"the last {min(SMOOTH, len(losses)):,} steps: as unsure as with {math.exp(last):.1f} equally likely letters.",
        curve=curve(losses, vocab_size),
        tenths="\n".join(
            f"<tr><th scope='row'>{first + 1:,} to {last:,}</th><td>{mean(losses[first:last]):.3f}</td></tr>"
            for first, last in tenths(len(losses))
        ),
        heads="\n".join(
            f"<h3>{escape(name)}</h3>\n<div class='heads'>\n"
            + "\n".join(table(name, number, rows) for number, rows in enumerate(heads))
            + "\n</div>"
            for name, heads in read
        )
        or "<p>None of the names is short enough to be shown.</p>",
        whole=f"My ten modules as one file of {len(text.splitlines()):,} lines, which trains and invents names by "
        "itself: all that a GPT needs is in it.",
        file=escape(file),
        program=escape(text),
    )


def tenths(count: int) -> list[tuple[int, int]]:
    """`count` steps in ten parts, or fewer, as even as can be."""
    ends = [round(count * part / 10) for part in range(11)]
    return [(first, last) for first, last in pairwise(ends) if first < last]


def curve(losses: Sequence[float], vocab_size: int) -> str:
    """The loss as SVG: each step, the running mean, and what knowing nothing costs."""
    guess, count = math.log(vocab_size), len(losses)
    smooth = [mean(losses[max(0, i + 1 - SMOOTH) : i + 1]) for i in range(count)]
    each = thinned(losses)
    top = 1.04 * max(guess, *(loss for _, loss in each))

    def x(step: float) -> float:
        return LEFT + (WIDE - LEFT - RIGHT) * (step - 1) / max(1, count - 1)

    def y(loss: float) -> float:
        return TOP + (HIGH - TOP - BOTTOM) * (1 - loss / top)

    def line(kind: str, points: Sequence[tuple[float, float]]) -> str:
        return f'<polyline class="{kind}" points="{" ".join(f"{x(s):.1f},{y(loss):.1f}" for s, loss in points)}"/>'

    parts = [
        f'<svg viewBox="0 0 {WIDE} {HIGH}" role="img" aria-label="The training loss over {count:,} steps: '
        f"{losses[0]:.2f} at first, {smooth[-1]:.2f} on average at the end; knowing nothing costs {guess:.2f}."
        '">'
    ]
    for loss in range(int(top) + 1):
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDE - RIGHT}" y1="{y(loss):.1f}" y2="{y(loss):.1f}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y(loss) + 4:.1f}" text-anchor="end">{loss}</text>')
    for step in sorted({1, *(round(count * part / 4) for part in range(1, 5))} - {0}):
        anchor = "middle" if 1 < step < count else "start" if step == 1 else "end"
        parts.append(f'<text x="{x(step):.1f}" y="{HIGH - 20}" text-anchor="{anchor}">{step:,}</text>')
    parts.append(f'<text x="{(LEFT + WIDE) / 2:.0f}" y="{HIGH - 3}" text-anchor="middle">step</text>')
    parts.append(line("each", each))
    parts.append(f'<line class="guess" x1="{LEFT}" x2="{WIDE - RIGHT}" y1="{y(guess):.1f}" y2="{y(guess):.1f}"/>')
    parts.append(line("mean", thinned(smooth)))
    words = f"knowing nothing: {guess:.2f}"
    parts.append(f'<text class="guess" x="{WIDE - RIGHT}" y="{y(guess) - 6:.1f}" text-anchor="end">{words}</text>')
    words = f"mean of the last {min(SMOOTH, count):,}: {smooth[-1]:.2f}"
    below = min(y(smooth[-1]) + 60, y(0) - 8)
    parts.append(f'<text class="mean" x="{WIDE - RIGHT}" y="{below:.1f}" text-anchor="end">{words}</text>')
    return "\n".join([*parts, "</svg>"])


def thinned(numbers: Sequence[float]) -> list[tuple[float, float]]:
    """Points (step, number) of a curve: all of them, or the means of as many neighbours as leaves POINTS."""
    width = math.ceil(len(numbers) / POINTS)
    groups = [numbers[first : first + width] for first in range(0, len(numbers), width)]
    return [(1 + i * width + (len(group) - 1) / 2, mean(group)) for i, group in enumerate(groups)]


def table(name: str, number: int, rows: list[list[float]]) -> str:
    """One head's weights as a table whose cells are the darker, the larger their number."""
    letters = ["\N{MIDDLE DOT}", *map(escape, name)]
    lines = [f"<div><table class='heat'><caption>head {number}</caption>", "<thead><tr><td></td>"]
    lines += [f"<th scope='col'>{letter}</th>" for letter in letters]
    lines.append("</tr></thead><tbody>")
    for asks, (letter, row) in enumerate(zip(letters, rows, strict=True)):
        cells = [f"<td style='background:rgba(0,114,178,{0.85 * w:.2f})'>{100 * w:.0f}</td>" for w in row[: asks + 1]]
        lines.append(
            f"<tr><th scope='row'>{letter}</th>{''.join(cells)}{'<td></td>' * (len(letters) - len(cells))}</tr>"
        )
    return "\n".join([*lines, "</tbody></table></div>"])
