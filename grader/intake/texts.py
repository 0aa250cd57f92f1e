"""The texts of modules compared: what counts, and what a notebook that has written a file says in it. Trusted side.

May import the standard library. Nothing is parsed or executed.
"""

from __future__ import annotations

import hashlib
import re

# The last line of a file that the cell of a notebook wrote, with the first digits of the SHA-256 of what is above it.
MARK = re.compile(r"# written by (?P<notebook>.+): (?P<digest>[0-9a-f]{16})")


def text_of(source: bytes) -> str:
    """The text with line ends as Python has them; bytes that are no UTF-8 stay apart from all others."""
    text = source.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def plain(text: str) -> str:
    """The text without what does not make it another one: white space at line ends, empty lines, a notebook's mark.

    Empty lines go since Jupyter drops them where it cuts a cell in two.
    """
    lines = (line.rstrip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line and not MARK.fullmatch(line))


def key(text: str) -> bytes:
    """The same for texts that say the same, and short."""
    return hashlib.sha256(_encoded(plain(text))).digest()


def is_part(text: str, whole: str) -> bool:
    """Whether these lines stand together in the whole. Both are plain."""
    return f"\n{text}\n" in f"\n{whole}\n"


def written_by(source: bytes) -> str:
    """The name of the notebook that wrote this file; "": none did, or the file has been edited since."""
    above, _, last = text_of(source).rstrip("\n").rpartition("\n")
    mark = MARK.fullmatch(last)
    text = above.rstrip("\n") + "\n"
    return mark["notebook"] if mark and hashlib.sha256(_encoded(text)).hexdigest()[:16] == mark["digest"] else ""


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
