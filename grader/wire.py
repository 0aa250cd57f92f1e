"""Frames of plain data between the trusted side and a worker in the jail.

Runs on both sides. May import the standard library and msgpack only.

A frame is four bytes of length (big-endian) and one msgpack value. Plain data is None, bool, int (64 bit), float, str,
bytes, list, and dict with str keys; nothing else is encoded, and nothing else survives decoding: no extension types
(nested ones crash msgpack's C decoder), no other keys (they can be made to collide), bounded bytes and depth.
"""

from __future__ import annotations

import struct
from typing import Any, Final

import msgpack

PLAIN: Final = "None, bool, int, float, str, bytes, list, dict"
KINDS: Final = frozenset((type(None), bool, int, float, str, bytes, list, dict))
Data = Any  # None | bool | int | float | str | bytes | list[Data] | dict[str, Data]: recursive, so checked at run time

HEADER: Final = struct.Struct(">I")
MAX_FRAME: Final = 1 << 20  # bytes; 1 MiB of empty lists already decodes to about 90 MB
MAX_DEPTH: Final = 32


class WireError(Exception):
    """A frame that is too large, malformed, too deep, or not plain data."""


def encode(data: Data, limit: int = MAX_FRAME) -> bytes:
    """`data` as msgpack, exact built-in types only. WireError: it is not plain data or longer than `limit` bytes."""
    try:
        payload: bytes = msgpack.packb(data, strict_types=True, use_bin_type=True, default=_refuse)
    except WireError:
        raise
    except (ValueError, OverflowError, TypeError, UnicodeError, RecursionError) as error:
        raise WireError(f"cannot be sent as plain data: {error}") from None
    if len(payload) > limit:
        raise WireError(f"is {len(payload):,} bytes long; at most {limit:,} are taken")
    return payload


def _refuse(value: object) -> None:
    raise WireError(f"holds a {type(value).__name__}, which is not plain data ({PLAIN})")


def decode(payload: bytes) -> Data:
    """The plain data in `payload`, checked before anybody looks at it. WireError: it is anything else."""
    if len(payload) > MAX_FRAME:
        raise WireError(f"is {len(payload):,} bytes long; at most {MAX_FRAME:,} are taken")
    data = unpack(payload)
    _check(data)
    return data


def unpack(payload: bytes | bytearray) -> Data:
    """`decode` without limits on length and depth: for the worker, which trusts who asks."""
    try:
        return msgpack.unpackb(
            payload,
            raw=False,
            strict_map_key=True,
            use_list=True,
            max_ext_len=0,
            ext_hook=_refuse_extension,
            timestamp=0,
        )
    except WireError:
        raise
    except Exception as error:  # every way in which msgpack says no
        raise WireError(f"is not plain data: {type(error).__name__}") from None


def _refuse_extension(code: int, payload: bytes) -> None:
    raise WireError("holds an extension type")


def _check(data: Data) -> None:
    """Types and depth, without recursion. WireError: something that plain data does not have."""
    level = [data]
    for _ in range(MAX_DEPTH):
        kinds = set(map(type, level))
        if not kinds <= KINDS:
            raise WireError(f"holds a {min(kind.__name__ for kind in kinds - KINDS)}")
        deeper: list[Data] = []
        for value in level if list in kinds or dict in kinds else ():
            if type(value) is list:
                deeper += value
            elif type(value) is dict:
                if not set(map(type, value)) <= {str}:
                    raise WireError("holds a dict whose keys are not all str")
                deeper += value.values()
        if not deeper:
            return
        level = deeper
    raise WireError(f"is nested more than {MAX_DEPTH} deep")
