"""Only plain data crosses between the jail and the trusted side."""

from __future__ import annotations

import msgpack
import pytest

from grader.wire import MAX_DEPTH, MAX_FRAME, WireError, decode, encode


class AlwaysEqual:
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None


class MyFloat(float):
    pass


def nested(depth: int) -> list:
    out: list = []
    for _ in range(depth):
        out = [out]
    return out


def test_plain_data_survives() -> None:
    """Every kind of plain data comes back as it was, with its exact type."""
    data = {"a": [None, True, 3, -(2**63), 2**64 - 1, 0.1, "ä€😀", b"\x00\xff", {}, []]}
    assert decode(encode(data)) == data
    assert [type(x) for x in decode(encode(data))["a"]] == [type(x) for x in data["a"]]


@pytest.mark.parametrize(
    "value",
    [
        AlwaysEqual(),
        MyFloat(1.0),
        (1, 2),
        {1},
        2**64,
        complex(1),
        {1: 2},
        {MyFloat(1): 2},
        "\ud800",
        object,
        nested(9999),
    ],
    ids=lambda value: type(value).__name__,
)
def test_anything_else_is_refused_at_the_source(value: object) -> None:
    """Objects, subclasses, tuples, huge numbers, odd keys, lone surrogates and very deep lists are not encoded."""
    with pytest.raises(WireError):
        decode(encode({"value": value}))


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        (msgpack.packb(msgpack.ExtType(5, b"x")), "extension"),
        (b"\xc7\x00\x01", "extension of length 0"),
        (b"\xd6\xff\x00\x00\x00\x00", "timestamp"),
        (msgpack.packb({1: 2}), "key that is no str"),
        (msgpack.packb({b"k": 2}), "key that is bytes"),
        (msgpack.packb(nested(MAX_DEPTH + 1)), "too deep for us"),
        (b"\x91" * 5000 + b"\xc0", "too deep for msgpack"),
        (b"\xdd\xff\xff\xff\xff", "a list that claims four billion items"),
        (b"\xa1\xff", "a str that is not UTF-8"),
        (msgpack.packb(1) + b"\x00", "bytes left over"),
        (b"", "nothing"),
        (b"\xc1", "a code that msgpack never uses"),
        (b"\x00" * (MAX_FRAME + 1), "too long"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_forged_frame_is_refused(payload: bytes, why: str) -> None:
    """Whatever bytes a worker sends, decoding ends in plain data or in WireError."""
    with pytest.raises(WireError):
        decode(payload)


def test_the_deepest_allowed_is_allowed() -> None:
    """The cap on depth refuses one level more, and not this one."""
    assert decode(msgpack.packb(nested(MAX_DEPTH - 1))) == nested(MAX_DEPTH - 1)


def test_a_long_answer_is_refused() -> None:
    """An answer beyond the cap is not sent, and the error says how long it was."""
    with pytest.raises(WireError, match="2,000,005 bytes"):
        encode(b"x" * 2_000_000)
