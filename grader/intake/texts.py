"""The texts of modules: compared by what counts, and freed from what only IPython reads. Trusted side.

May import the standard library. Nothing is parsed or executed: Python's parser has no bounds.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

# The last line of a file that the cell of a notebook wrote, with the first digits of the SHA-256 of what is above it.
MARK = re.compile(r"# written by (?P<notebook>.+): (?P<digest>[0-9a-f]{16})")
IMPORTED = re.compile(r"^[ \t]*(?:from|import)[ \t].*", re.MULTILINE)
# A line that only IPython reads, if it begins a statement: %matplotlib inline, !ls, ?softmax, softmax??, files = !ls
IPYTHONS = re.compile(r"\s*(%{1,2}[A-Za-z].*|!(?!=).*|\?.*|[\w.]+\?{1,2}\s*|\w[\w., \t]*=[ \t]*(?:%[A-Za-z]|!(?!=)).*)")
# What decides whether the next line begins a statement: texts, comments, brackets, a backslash, and what is last.
TOKEN = re.compile(
    r"(?P<text>\"{3}|'{3}|[\"'])|(?P<comment>#.*)|(?P<open>[(\[{]+)|(?P<close>[)\]}]+)|(?P<goes_on>\\\Z)"
    r"|(?P<other>[^\s\"'#()\[\]{}\\]+|\\)"
)
REST = {  # of a text, by its quotes
    **{quote: re.compile(rf"(?:[^\\{quote}]+|\\.)*+{quote}") for quote in "\"'"},
    **{q * 3: re.compile(rf"(?:[^\\{q}]+|\\.|{q}(?!{q}{q}))*+{q * 3}") for q in "\"'"},
}


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


def imported(text: str) -> frozenset[str]:
    """The names in its lines of imports, and whatever else stands there."""
    return frozenset(word for line in IMPORTED.findall(text) for word in re.findall(r"\w+", line))


def without_ipythons(text: str) -> str:
    """The text with each line that only IPython reads as a comment; within a block as `pass`, which may be all of it.

    A line that goes on with what is before it (a text, what is in brackets) is Python's, whatever it looks like.
    """
    lines = text.split("\n")
    if not any(map(IPYTHONS.fullmatch, lines)):
        return text
    return "\n".join(_pythons(lines))


def _pythons(lines: list[str]) -> Iterator[str]:
    statement = Statement()
    for line in lines:
        if statement.is_over and IPYTHONS.fullmatch(line):
            bare = line.lstrip()
            indent = line[: len(line) - len(bare)]
            yield f"{indent}pass  # {bare}" if indent and statement.is_in_a_block else f"# {line}"
        else:
            statement.read(line)
            yield line


class Statement:
    """Where in a statement the end of a line is, told by quotes and brackets alone."""

    def __init__(self) -> None:
        self.text = ""  # the quotes that end the text that the line is in
        self.brackets = 0  # that are open
        self.goes_on = False  # on the next line, by a backslash
        self.is_indented = False
        self.last = ""  # of its characters, comments apart

    @property
    def is_over(self) -> bool:
        return not (self.text or self.brackets or self.goes_on)

    @property
    def is_in_a_block(self) -> bool:
        return self.is_indented or self.last == ":"

    def read(self, line: str) -> None:
        """Go on to the end of this line."""
        if self.is_over and line.strip() and not line.lstrip().startswith("#"):
            self.is_indented = line[0] in " \t"
        self.goes_on = False
        at = self._after_text(line, 0) if self.text else 0
        while found := TOKEN.search(line, at):
            at = self._token(found, line)

    def _token(self, found: re.Match[str], line: str) -> int:
        """Take one token; returns where the next one may begin."""
        kind, token = found.lastgroup, found.group()
        if kind == "text":
            self.text = token
            return self._after_text(line, found.end())
        self.brackets = max(0, self.brackets + len(token) * ((kind == "open") - (kind == "close")))
        self.goes_on = kind == "goes_on"
        self.last = self.last if kind == "comment" else token[-1]
        return found.end()

    def _after_text(self, line: str, start: int) -> int:
        """The place after the end of the text that the line is in, or after the line."""
        found = REST[self.text].match(line, start)
        self.last = self.text[0]
        if found or (len(self.text) == 1 and not line.endswith("\\")):  # without an end it is a mistake
            self.text = ""
        return found.end() if found else len(line)
