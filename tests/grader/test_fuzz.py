"""Odd bytes and odd data at the border: what the trusted side reads from a worker is plain data or an error of ours.

Some hundred cases of each in the suite; `make fuzz` does 100,000.
"""

from __future__ import annotations

import tracemalloc
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.marking.answers import MAX_TEXT, answers
from grader.marking.check import CheckFailed, Raised
from grader.marking.compare import difference
from grader.wire import MAX_DEPTH, MAX_FRAME, WireError, decode, encode

MEMORY = 200 << 20  # bytes that decoding one frame may take: a MiB of empty lists takes 90

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(1 << 63), (1 << 64) - 1)
    | st.floats()
    | st.text()
    | st.binary(max_size=99)
)
PLAIN = st.recursive(LEAVES, lambda some: st.lists(some) | st.dictionaries(st.text(), some), max_leaves=40)
# what msgpack can say and plain data cannot: extension types, time stamps, keys of every kind
WILD = st.recursive(
    LEAVES | st.builds(msgpack.ExtType, st.integers(0, 127), st.binary(max_size=20)),
    lambda some: st.lists(some) | st.dictionaries(st.integers() | st.binary() | st.text() | st.none(), some),
    max_leaves=40,
)


@st.composite
def spoilt_frames(draw: st.DrawFn) -> bytes:
    """A frame that was whole, with bytes changed, cut out or put in."""
    frame = bytearray(msgpack.packb(draw(WILD), strict_types=False, default=lambda _: None))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(frame)))
        how = draw(st.sampled_from(["change", "cut", "put in", "repeat"]))
        if how == "change" and at < len(frame):
            frame[at] = draw(st.integers(0, 255))
        elif how == "cut":
            del frame[at : at + draw(st.integers(1, 9))]
        elif how == "put in":
            frame[at:at] = draw(st.binary(max_size=9))
        else:
            frame[at:at] = frame[:at] * draw(st.integers(1, 9))
    return bytes(frame[:MAX_FRAME])


def is_plain(data: Any, depth: int = 0) -> bool:
    """Whether it is made of the exact built-in types, with str keys, and not too deep."""
    if depth > MAX_DEPTH:
        return False
    if type(data) is list:
        return all(is_plain(item, depth + 1) for item in data)
    if type(data) is dict:
        return all(type(key) is str and is_plain(item, depth + 1) for key, item in data.items())
    return data is None or type(data) in (bool, int, float, str, bytes)


def plain_or_refused(frame: bytes) -> None:
    try:
        data = decode(frame)
    except WireError:
        return
    assert is_plain(data)
    assert repr(decode(encode(data))) == repr(data)  # repr: NaN is not equal to itself


@given(st.binary(max_size=400))
def test_any_bytes(frame: bytes) -> None:
    """Any bytes decode to plain data, which encodes to the same again, or raise WireError."""
    plain_or_refused(frame)


@given(spoilt_frames())
def test_spoilt_frames(frame: bytes) -> None:
    """Frames that were whole and have been tampered with: plain data or WireError."""
    plain_or_refused(frame)


@given(PLAIN)
def test_plain_data_travels_unchanged(data: Any) -> None:
    """What is plain and not too large or deep comes back as it was sent."""
    try:
        frame = encode(data)
        got = decode(frame)
    except WireError as refused:
        error = str(refused)
    else:
        assert repr(got) == repr(data)
        return
    assert "nested" in error or "plain data" in error  # too deep, or text that is no UTF-8


@pytest.mark.parametrize("unit", [b"\x90", b"\x80", b"\xa0", b"\xc0", b"\x91\x90", b"\xc4\x00", b"\xcb" + bytes(8)])
def test_the_largest_frames_stay_within_memory(unit: bytes) -> None:
    """A frame of the greatest size, full of the smallest things, takes bounded memory to decode."""
    count = (MAX_FRAME - 5) // len(unit)
    frame = b"\xdd" + count.to_bytes(4, "big") + unit * count
    tracemalloc.start()
    try:
        decode(frame)
        assert tracemalloc.get_traced_memory()[1] < MEMORY
    finally:
        tracemalloc.stop()


REPORTS = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(("kinds", "text", "where", "missing"), PLAIN) | {"kinds": st.lists(st.text()) | PLAIN},
)
REPLIES = PLAIN | st.fixed_dictionaries({}, optional={"values": PLAIN, "raised": REPORTS | PLAIN, "loading": REPORTS})


@given(REPLIES, st.integers(0, 3), st.none() | st.just(frozenset({"softmax", "x"})))
def test_any_reply_is_an_answer_or_a_failure(reply: Any, count: int, quotable: frozenset[str] | None) -> None:
    """A reply of any shape is the values, an exception in words that can be shown, or the learner's failure."""
    try:
        got = answers(reply, count, quotable)
    except CheckFailed:
        return
    if isinstance(got, Raised):
        assert got.reason.isprintable()
        assert len(got.reason) <= 3 * MAX_TEXT + 50
    else:
        assert type(got) is list and len(got) == count  # noqa: PT018  # one thing: a list of that length


@given(PLAIN, PLAIN)
def test_any_two_can_be_compared(got: Any, want: Any) -> None:
    """Comparing any plain data ends in a difference or in none, and none only where both are of one shape."""
    found = difference(got, want, 1e-9, 1e-12)
    if found is None:
        assert type(got) is type(want)
    else:
        assert found.reason.startswith("the answer ")
