"""The texts of modules: compared by what counts, and freed from what only IPython reads. Trusted side.

May import the standard library. Nothing is parsed or executed: Python's parser has no bounds.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

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
# What a text says, without white space, commas and round brackets, which formatters set. No part can fail half-way.
LEXEME = re.compile(
    r"(?P<text>[bBfFrRuU]{0,2}(?:\"{3}(?:[^\\\"]+|\\.|\"(?!\"\"))*+(?:\"{3})?|'{3}(?:[^\\']+|\\.|'(?!''))*+(?:'{3})?"
    r"|\"(?:[^\\\"\n]+|\\.)*+\"?|'(?:[^\\'\n]+|\\.)*+'?))"
    r"|(?P<nothing>#[^\n]*|\\\n)|(?P<line>\n)|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<end>[:;])"
    r"|(?P<word>\w+|\.{3}|[^\s\w,\\])",
    re.DOTALL,
)
QUOTING = str.maketrans("", "", "\"'\\")
DEFINITION = re.compile(r"(?:async )?(?:def|class) (\w+)")
TO_WRITE = "pass"  # what a function holds that nobody has written, however that is said
NOT_WRITTEN = re.compile(r"pass|\.{3}|raise NotImplementedError(?: .*)?", re.DOTALL)
MOST_COMPARED = 512 << 10  # characters; a longer text is nobody's stub


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


def says_no_more(text: str, stub: str) -> bool:
    """Whether nothing is in it but what is in the stub, in this order, comments, `pass` and plain imports apart."""
    if len(text) > MOST_COMPARED:
        return False
    return _within((words for _, words in _statements(text)), _stubs(stub))


def definitions(text: str) -> dict[str, list[str]]:
    """The statements of each function and class that it defines at its top, with TO_WRITE where nothing is written."""
    found: dict[str, list[str]] = {}
    name = ""
    for is_top, words in _statements(text) if len(text) <= MOST_COMPARED else ():
        if is_top:
            defined = DEFINITION.match(words)
            name = defined[1] if defined else ""
        if name:
            found.setdefault(name, []).append(words)
    return found


def to_write(text: str, stub: str) -> frozenset[str]:
    """The functions and classes in this text that nobody has written: they are as in the stub, which leaves them so."""
    left = _left(stub)
    return frozenset(name for name, said in definitions(text).items() if name in left and _within(said, left[name]))


def _within(said: Iterable[str], given: Iterable[str]) -> bool:
    known = iter(given)
    return all(words in known for words in said if words != TO_WRITE)


@lru_cache(maxsize=100)
def _stubs(stub: str) -> tuple[str, ...]:
    return tuple(words for _, words in _statements(stub))


@lru_cache(maxsize=100)
def _left(stub: str) -> dict[str, list[str]]:
    return {name: said for name, said in definitions(stub).items() if TO_WRITE in said}


def _statements(text: str) -> Iterator[tuple[bool, str]]:
    """What the statements say, and whether they begin a line; without those that are only texts, or `import NAME`.

    What is after the colon of a block is one of its own.
    """
    words: list[str] = []
    is_top, depth = False, 0
    for found in LEXEME.finditer(f"{text}\n"):
        kind, token = found.lastgroup, found.group()
        if kind in ("line", "end") and not depth:
            said = " ".join(words)
            if any(not word.startswith('"') for word in words) and words[0] != "import":
                yield is_top, TO_WRITE if NOT_WRITTEN.fullmatch(said) else said
            words = []
            continue
        depth = max(0, depth + (kind == "open") - (kind == "close"))
        if kind in ("nothing", "line") or token in "()":
            continue
        is_top = is_top if words else found.start() == 0 or text[found.start() - 1] == "\n"
        words.append('"' + " ".join(token.translate(QUOTING).split()) if kind == "text" else token)


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
