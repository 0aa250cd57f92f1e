"""Distributions as inline SVG: bars with their numbers, for light and dark pages, and the same in words."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape

from grader.scoring import points

BINS = 10
WIDTH, HEIGHT = 640, 180  # user units; the page scales the picture
SIDE, BOTTOM, TOP = 20, 26, 16


def counts(values: Sequence[float], top: float, bins: int = BINS) -> list[int]:
    """How many values lie in each of `bins` equal parts of 0..top; the last part includes top."""
    found = [0] * bins
    for value in values:
        share = value / top if top else 0.0
        found[min(bins - 1, max(0, int(share * bins)))] += 1
    return found


def histogram(values: Sequence[float], top: float, what: str) -> Markup:
    """Bars over the range of points, each with its count above it."""
    found = counts(values, top)
    most = max([1, *found])
    step = (WIDTH - 2 * SIDE) / BINS
    room = HEIGHT - BOTTOM - TOP
    parts = []
    for number, amount in enumerate(found):
        height = room * amount / most
        x, y = SIDE + number * step, HEIGHT - BOTTOM - height
        parts.append(f'<rect class="bar" x="{x + 2:.1f}" y="{y:.1f}" width="{step - 4:.1f}" height="{height:.1f}"/>')
        if amount:
            parts.append(f'<text class="n" x="{x + step / 2:.1f}" y="{y - 4:.1f}">{amount}</text>')
    for number in range(BINS + 1):
        label = points(top * number / BINS)
        parts.append(f'<text class="n" x="{SIDE + number * step:.1f}" y="{HEIGHT - 8}">{label}</text>')
    axis = f'<path class="axis" d="M{SIDE} {HEIGHT - BOTTOM}H{WIDTH - SIDE}"/>'
    return _picture(WIDTH, HEIGHT, words(found, top, what), axis + "".join(parts))


def small(values: Sequence[float], top: float, what: str) -> Markup:
    """The same in the size of a table's cell, in five parts and without numbers."""
    found = counts(values, top, 5)
    most = max([1, *found])
    bars = "".join(
        f'<rect class="bar" x="{number * 16 + 1}" y="{30 - 28 * amount / most:.1f}" width="14" '
        f'height="{28 * amount / most:.1f}"/>'
        for number, amount in enumerate(found)
    )
    return _picture(80, 32, words(found, top, what), f'<path class="axis" d="M0 31H80"/>{bars}')


def words(found: Sequence[int], top: float, what: str) -> str:
    """The counts as a sentence."""
    size = top / len(found)
    each = [f"{points(size * i)} to {points(size * (i + 1))}: {amount}" for i, amount in enumerate(found) if amount]
    return f"{what}. Learners by points: {'; '.join(each) or 'none'}"


def _picture(width: int, height: int, text: str, inside: str) -> Markup:
    return Markup(
        f'<svg role="img" viewBox="0 0 {width} {height}" aria-label="{escape(text)}"><title>{escape(text)}</title>'
        f"{inside}</svg>"
    )
