"""Tests of 05_tokenizer, pure track: run them with `pytest exercises/05_tokenizer/test_tokenizer.py`.

Files first, from plain lines to letters beyond ASCII. Then the vocabulary, encoding, and decoding.
"""

import builtins
import io
from contextlib import contextmanager

import expect
import pytest

# A file that is read and never closed is a fault of style, and not what these tests are about.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")
NO_END = "without a BOS at the end, how would the model learn that a name is over?"


@pytest.fixture
def file(tmp_path):
    """The path of a new file of these bytes."""

    def write(content):
        path = tmp_path / "docs.txt"
        path.write_bytes(content)
        return path

    return write


@contextmanager
def latin_1_computer():
    """Inside, text files are Latin-1 wherever open() is not told their encoding, as on many a computer."""
    real = builtins.open

    def stand_in(file, mode="r", buffering=-1, encoding=None, *others, **named):
        if "b" not in mode and encoding in (None, "locale"):
            encoding = "latin-1"
        return real(file, mode, buffering, encoding, *others, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(builtins, "open", stand_in)
        patch.setattr(io, "open", stand_in)
        patch.setattr(io, "text_encoding", lambda encoding, stacklevel=2: encoding or "locale")  # pathlib asks it
        yield


def same(got, want, what, slips=()):
    """`got` must be the str, int or list `want`, type for type. slips: what a mistake gives, and a sentence on it."""
    __tracebackhide__ = True
    assert type(got) is type(want), f"{what} is {a_type(got)}; {a_type(want)} belongs there"
    if type(want) is list:
        inner = type(want[0])
        wrong = [item for item in got if type(item) is not inner]
        assert not wrong, f"{what} holds {a_type(wrong[0])}; every item must be {a_type(want[0])}"
    told = [said for wrong, said in slips if got == wrong]
    if not told and type(want) is list and sorted(got) == sorted(want):
        told = ["these are the right ones, in another order"]
    if got != want:
        raise expect.Failure("\n".join([f"{what} is {expect.show(got)}; it must be {expect.show(want)}", *told[:1]]))


def a_type(thing):
    """`None`, `a list`, `an int`."""
    name = type(thing).__name__
    return "None" if thing is None else f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


# Files


def test_lines_of_a_file(tokenizer, file):
    """load_docs gives the lines in their order, duplicates included, without the ends of lines."""
    docs = tokenizer.load_docs(str(file(b"mia\nemma\nzoe\nemma\n")))
    once = "a name that occurs twice counts twice in training: where does the second emma get lost?"
    slips = [(["mia", "emma", "zoe"], once), (["emma", "mia", "zoe"], f"{once} And nothing is sorted here.")]
    same(docs, ["mia", "emma", "zoe", "emma"], "load_docs() of the lines mia, emma, zoe, emma", slips)


def test_lines_stay_as_they_are(tokenizer, file):
    """Capitals, spaces within a line and signs belong to it."""
    docs = tokenizer.load_docs(str(file(b"Mary Ann\nJo-2\nDE LA CRUZ\n")))
    slips = [
        (["Mary", "Ann", "Jo-2", "DE", "LA", "CRUZ"], "a document is a line, not a word: only ends of lines separate"),
        (["mary ann", "jo-2", "de la cruz"], "capitals have become small letters: nobody asked for that"),
    ]
    same(docs, ["Mary Ann", "Jo-2", "DE LA CRUZ"], "load_docs() of the lines Mary Ann, Jo-2, DE LA CRUZ", slips)


def test_last_line_without_an_end(tokenizer, file):
    """The last line counts also where the file does not end in a newline."""
    slips = [
        (["mia", "emm"], "is the last character of a line always the end of the line?"),
        (["mia"], "the last line is lost: is it only a line where a newline follows?"),
    ]
    docs = tokenizer.load_docs(str(file(b"mia\nemma")))
    same(docs, ["mia", "emma"], r"load_docs() of a file of 'mia\nemma'", slips)


def test_white_space_and_empty_lines(tokenizer, file):
    """Spaces and tabs around a line go, and lines with nothing else in them as well."""
    content = b"\n  mia\n\n \t \nemma \t\n\tzoe\n\n"
    slips = [
        (["", "mia", "", "", "emma", "zoe", "", ""], "empty lines are no documents"),
        (
            ["mia", "", "emma", "zoe"],
            "a line of spaces is not empty before it is stripped: what is asked first?",
        ),
        (["  mia", "emma", "\tzoe"], "spaces and tabs before a name go as well as those behind it"),
    ]
    docs = tokenizer.load_docs(str(file(content)))
    same(docs, ["mia", "emma", "zoe"], f"load_docs() of a file of {content}", slips)


def test_lines_that_windows_ends(tokenizer, file):
    r"""Lines may end in \r\n."""
    content = b"mia\r\n\r\nemma\r\nzoe\n"
    same(tokenizer.load_docs(str(file(content))), ["mia", "emma", "zoe"], f"load_docs() of a file of {content}")


def test_a_path_object(tokenizer, file):
    """load_docs takes a pathlib.Path as well as a str."""
    same(tokenizer.load_docs(path=file(b"mia\nemma\n")), ["mia", "emma"], "load_docs(Path(...)) of the lines mia, emma")


def test_letters_beyond_ascii(tokenizer, file):
    """Files are UTF-8: every letter arrives as it was written."""
    docs = tokenizer.load_docs(str(file("zoë\n李\nżółw\n".encode())))
    slips = [(["zo", "w"], "letters beyond ASCII are dropped: a letter of several bytes is no mistake in the file")]
    same(docs, ["zoë", "李", "żółw"], "load_docs() of a UTF-8 file of the lines zoë, 李, żółw", slips)


def test_the_computer_does_not_choose_the_encoding(tokenizer, file):
    """On a computer that takes files for Latin-1 unless told, they are read as UTF-8 all the same."""
    path = str(file("zoë\n李\n".encode()))
    with latin_1_computer():
        docs = tokenizer.load_docs(path)
    latin_1 = [name.encode().decode("latin-1") for name in ("zoë", "李")]
    slips = [(latin_1, "the computer chose the encoding: say which one the file has when you open it")]
    same(docs, ["zoë", "李"], "on a computer that prefers Latin-1, load_docs() of the lines zoë, 李", slips)


# The vocabulary


def test_vocabulary(tokenizer):
    """chars holds each character once, sorted; BOS is the next id; vocab_size counts them all."""
    made = tokenizer.Tokenizer(["zoe", "emma", "zoe"])
    slips = [
        (
            ["emma", "zoe"],
            "these are the distinct documents: is the set one of names, or of characters?",
        ),
        (["z", "o", "e", "m", "a"], "they stand as they first occur: ids must not depend on which name comes first"),
        (["a", "e", "e", "m", "m", "o", "o", "z", "z"], "each distinct character belongs there once"),
    ]
    same(made.chars, ["a", "e", "m", "o", "z"], "chars of zoe, emma, zoe", slips)
    slips = [
        (0, "0 is the id of a, the first character: BOS comes after all of them"),
        (4, "4 is the id of z, the last one"),
    ]
    same(made.bos, 5, "bos of zoe, emma, zoe", slips)
    same(made.vocab_size, 6, "vocab_size of zoe, emma, zoe", [(5, "BOS is one of the ids as well: is it counted?")])


def test_vocabulary_of_any_characters(tokenizer):
    """Capitals, digits, spaces and letters beyond ASCII are characters like all others."""
    made = tokenizer.Tokenizer(docs=["zoë B", "李a2"])
    same(made.chars, [" ", "2", "B", "a", "o", "z", "ë", "李"], "chars of 'zoë B', '李a2'")
    same(made.vocab_size, 9, "vocab_size of 'zoë B', '李a2'")
    same(made.encode("ë 李2"), [8, 6, 0, 7, 1, 8], "encode('ë 李2')", [([8, 6, 0, 7, 1], NO_END)])


# Text to ids


def test_encode(tokenizer):
    """Each character becomes its place in chars, and BOS stands at both ends."""
    made = tokenizer.Tokenizer(["zoe", "emma"])  # a e m o z, and 5 for BOS
    slips = [
        ([5, 1, 2, 2, 0], NO_END),
        ([1, 2, 2, 0, 5], "without a BOS in front, to which question is the first letter the answer?"),
        ([1, 2, 2, 0], "where is BOS, which stands at both ends?"),
        ([5, 4, 12, 12, 0, 5], "these are places in the alphabet: here it is the place in chars that counts"),
    ]
    same(made.encode("emma"), [5, 1, 2, 2, 0, 5], "encode('emma') where chars is a, e, m, o, z", slips)
    same(made.encode(doc="zoom"), [5, 4, 3, 3, 2, 5], "encode('zoom') where chars is a, e, m, o, z")
    made.encode("a").clear()  # the list is the caller's, who may do with it what he likes
    same(made.encode("a"), [5, 0, 5], "encode('a') where chars is a, e, m, o, z, the second time,")


def test_26_letters(tokenizer):
    """With all 26 letters a is 0, z is 25 and BOS 26."""
    made = tokenizer.Tokenizer(["zyxwvutsrqponmlkjihg", "fedcba"])
    same(made.encode("emma"), [26, 4, 12, 12, 0, 26], "encode('emma') with 26 letters")


def test_unknown_character(tokenizer):
    """A character that is not in the vocabulary raises ValueError, and the text of the error contains it."""
    made = tokenizer.Tokenizer(["zoe", "emma"])
    for doc, bad in (("Qzoe", "Q"), ("zo#e", "#"), ("emmé", "é"), ("7", "7")):
        error = expect.error(ValueError, f"encode({doc!r}), where {bad} is not in the vocabulary,", made.encode, doc)
        said = expect.said(error)
        assert bad in said, f"encode({doc!r}) says {said!r}: the text of the error must contain the character, {bad}"
    expect.error(ValueError, "encode('.')", made.encode, ".")


# Ids to text


def test_decode(tokenizer):
    """The characters of the ids are joined to one str."""
    made = tokenizer.Tokenizer(["zoe", "emma"])
    slips = [("az", "the first and the last id are lost: is it certain that BOS stands there?")]
    same(made.decode([2, 0, 4, 1]), "maze", "decode([2, 0, 4, 1]) where chars is a, e, m, o, z", slips)
    same(made.decode(ids=[]), "", "decode([])")


def test_decode_leaves_out_bos(tokenizer):
    """BOS is left out wherever it stands."""
    made = tokenizer.Tokenizer(["zoe", "emma"])  # BOS is 5
    slips = [
        ("m", "this ends at the first BOS after a letter: leave BOS out, and go on behind it"),
        (".maze.", "BOS is a sign for the model: it has no character, and leaves no trace in the text"),
    ]
    for ids, text in (([5, 2, 0, 4, 1, 5], "maze"), ([2, 5, 0, 4, 5, 5, 1], "maze"), ([5, 5, 3], "o"), ([5], "")):
        with expect.slip(IndexError, "BOS is no place in chars: which ids have a character?"):
            found = made.decode(list(ids))
        same(found, text, f"decode({ids}) where chars is a, e, m, o, z, and 5 is BOS,", slips)


def test_there_and_back(tokenizer):
    """decode undoes encode."""
    docs = ["Mary Ann", "zoë", "emma"]
    made = tokenizer.Tokenizer(docs)
    for doc in docs:
        same(made.decode(made.encode(doc)), doc, f"decode(encode({doc!r}))")


# More than one


def test_two_tokenizers(tokenizer):
    """Every tokenizer has a vocabulary of its own."""
    first = tokenizer.Tokenizer(["zoe"])
    second = tokenizer.Tokenizer(["abcoez"])
    slips = [([3, 5, 4, 3, 3], "these are the second one's ids: is the table kept by the class, or by self?")]
    same(first.encode("zoe"), [3, 2, 1, 0, 3], "encode('zoe') of the first of two tokenizers, for e, o, z,", slips)
    same(second.encode("zoe"), [6, 5, 4, 3, 6], "encode('zoe') of the second of two tokenizers, for a, b, c, e, o, z,")


def test_lists_are_left_alone(tokenizer):
    """The documents and the ids that are given stay as they are."""
    docs, ids = ["zoe", "emma", "zoe"], [5, 2, 0, 5]
    tokenizer.Tokenizer(docs).decode(ids)
    own = "that list is the caller's: look through it, and change nothing in it"
    same(docs, ["zoe", "emma", "zoe"], "the list of documents afterwards", [(["emma", "zoe", "zoe"], own)])
    same(ids, [5, 2, 0, 5], "the list of ids afterwards", [([2, 0], own), ([2, 0, 5], own), ([2, 0, 5, 5], own)])
