"""Tests of 05_tokenizer, torch track: run them with `pytest exercises/05_tokenizer/test_tokenizer_torch.py`.

Files and the vocabulary first, then encoding and decoding, then batches: without padding, with it, and cut.
"""

import builtins
import io
from contextlib import contextmanager

import expect
import pytest
import torch

# A file that is read and never closed is a fault of style, and not what these tests are about.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")
DOCS = ["zoe", "emma", "zoe"]  # a e m o z are 0 to 4, and BOS is 5
TOO_WIDE = "is a batch always as wide as block_size? Columns that are all padding are a waste"
UNKNOWN = "the inputs are padded with -1: the model looks up the row of every input, and -1 is no token"


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
    assert type(got) is type(want), f"{what} is a {type(got).__name__}; a {type(want).__name__} belongs there"
    if type(want) is list:
        inner = type(want[0])
        assert all(type(item) is inner for item in got), f"every item of {what} must be a {inner.__name__}"
    told = [said for wrong, said in slips if got == wrong]
    if not told and type(want) is list and sorted(got) == sorted(want):
        told = ["these are the right ones, in another order"]
    if got != want:
        raise expect.Failure("\n".join([f"{what} is {expect.show(got)}; it must be {expect.show(want)}", *told[:1]]))


def ids(got, want, what, slips=()):
    """`got` must be a long tensor of the ids `want`. slips: what a mistake gives, and a sentence on it."""
    __tracebackhide__ = True
    for wrong, said in slips:
        if type(got) is torch.Tensor and got.tolist() == wrong != want:
            raise expect.Failure(f"{what}: not the right ids\n{said}\nexpected  {want}\ngot       {wrong}")
    shape = (len(want), len(want[0])) if type(want[0]) is list else (len(want),)
    expect.close(expect.tensor(got, shape, what, torch.long), want, what)


# Files and the vocabulary


def test_lines_of_a_file(tokenizer_torch, file):
    """load_docs gives the lines in their order, stripped, duplicates included, without the empty ones."""
    content = b"\n mia\nMary Ann\t\n  \nemma\nmia\n"
    same(tokenizer_torch.load_docs(str(file(content))), ["mia", "Mary Ann", "emma", "mia"], f"load_docs() of {content}")
    content = b"mia\r\n\r\nemma\r\nzoe"
    same(tokenizer_torch.load_docs(path=file(content)), ["mia", "emma", "zoe"], f"load_docs() of {content}")


def test_letters_beyond_ascii(tokenizer_torch, file):
    """Files are UTF-8, also on a computer that takes them for Latin-1 unless told."""
    path = str(file("zoë\n李\n".encode()))
    same(tokenizer_torch.load_docs(path), ["zoë", "李"], "load_docs() of a UTF-8 file of the lines zoë, 李")
    with latin_1_computer():
        docs = tokenizer_torch.load_docs(path)
    latin_1 = [name.encode().decode("latin-1") for name in ("zoë", "李")]
    slips = [(latin_1, "the computer chose the encoding: say which one the file has when you open it")]
    same(docs, ["zoë", "李"], "on a computer that prefers Latin-1, load_docs() of the lines zoë, 李", slips)


def test_vocabulary(tokenizer_torch):
    """chars holds each character once, sorted; BOS is the next id; vocab_size counts them all."""
    made = tokenizer_torch.Tokenizer(DOCS)
    slips = [
        (
            ["emma", "zoe"],
            "these are the distinct documents: is the set one of names, or of characters?",
        ),
        (["z", "o", "e", "m", "a"], "they stand as they first occur: ids must not depend on which name comes first"),
    ]
    same(made.chars, ["a", "e", "m", "o", "z"], "chars of zoe, emma, zoe", slips)
    same(made.bos, 5, "bos of zoe, emma, zoe", [(0, "0 is the id of the first character: BOS comes after all of them")])
    same(made.vocab_size, 6, "vocab_size of zoe, emma, zoe", [(5, "BOS is one of the ids as well: is it counted?")])
    same(DOCS, ["zoe", "emma", "zoe"], "the list of documents afterwards")
    made = tokenizer_torch.Tokenizer(docs=["zoë B", "李a2"])
    same(made.chars, [" ", "2", "B", "a", "o", "z", "ë", "李"], "chars of 'zoë B', '李a2'")


# Text to ids and back


def test_encode(tokenizer_torch):
    """Each character becomes its place in chars, BOS stands at both ends, and the ids are a long tensor."""
    made = tokenizer_torch.Tokenizer(DOCS)
    slips = [
        ([5, 1, 2, 2, 0], "without a BOS at the end, how would the model learn that a name is over?"),
        ([1, 2, 2, 0], "where is BOS, which stands at both ends?"),
    ]
    ids(made.encode("emma"), [5, 1, 2, 2, 0, 5], "encode('emma') where chars is a, e, m, o, z", slips)
    ids(made.encode(doc="zoom"), [5, 4, 3, 3, 2, 5], "encode('zoom') where chars is a, e, m, o, z")
    made.encode("a").zero_()  # the tensor is the caller's, who may do with it what he likes
    slips = [([0, 0, 0], "the first tensor was filled with 0, and comes again: every call makes a new one")]
    ids(made.encode("a"), [5, 0, 5], "encode('a') where chars is a, e, m, o, z, the second time,", slips)


def test_unknown_character(tokenizer_torch):
    """A character that is not in the vocabulary raises ValueError, and the text of the error contains it."""
    made = tokenizer_torch.Tokenizer(DOCS)
    for doc, bad in (("Qzoe", "Q"), ("zo#e", "#"), ("emmé", "é")):
        error = expect.error(ValueError, f"encode({doc!r}), where {bad} is not in the vocabulary,", made.encode, doc)
        said = expect.said(error)
        assert bad in said, f"encode({doc!r}) says {said!r}: the text of the error must contain the character, {bad}"


def test_decode(tokenizer_torch):
    """The characters of a list of ids are joined; BOS is left out wherever it stands."""
    made = tokenizer_torch.Tokenizer(DOCS)
    for given, text in (([2, 0, 4, 1], "maze"), ([5, 2, 0, 4, 1, 5], "maze"), ([2, 5, 0, 5, 5, 1], "mae"), ([5], "")):
        kept = list(given)
        slips = [("az", "the first and the last id are lost: is it certain that BOS stands there?")]
        with expect.slip((AttributeError, TypeError), "a list of ints is welcome as well as a tensor: which one came?"):
            found = made.decode(given)
        same(found, text, f"decode({kept}) where chars is a, e, m, o, z, and 5 is BOS,", slips)
        same(given, kept, "the list of ids afterwards")


def test_decode_a_tensor(tokenizer_torch):
    """decode takes a long tensor as well, and so undoes encode."""
    made = tokenizer_torch.Tokenizer(DOCS)
    with expect.slip((KeyError, TypeError), "the items of a tensor are tensors, which no dict knows as ints"):
        found = made.decode(ids=torch.tensor([5, 2, 0, 5, 4, 1]))
    slips = [(".ma.ze", "BOS leaves no trace in the text")]
    same(found, "maze", "decode(tensor([5, 2, 0, 5, 4, 1]))", slips)
    for doc in DOCS:
        same(made.decode(made.encode(doc)), doc, f"decode(encode({doc!r}))")


def test_two_tokenizers(tokenizer_torch):
    """Every tokenizer has a vocabulary of its own."""
    first = tokenizer_torch.Tokenizer(["zoe"])
    second = tokenizer_torch.Tokenizer(["abcoez"])
    ids(first.encode("zoe"), [3, 2, 1, 0, 3], "encode('zoe') of the first of two tokenizers, for e, o, z,")
    ids(second.encode("zoe"), [6, 5, 4, 3, 6], "encode('zoe') of the second of two tokenizers, for a, b, c, e, o, z,")


# Batches


def test_batch_of_one_document(tokenizer_torch):
    """Inputs are the encoded document without its last id, targets the ids that follow."""
    inputs, targets = tokenizer_torch.make_batch(["emma"], tokenizer_torch.Tokenizer(DOCS))
    assert inputs is not targets, "the inputs and the targets are one and the same tensor, under two names"
    slips = [
        ([[1, 2, 2, 0, 5]], "these are the targets: make_batch returns the inputs first"),
        ([[5, 1, 2, 2, 0] + [5] * 11], TOO_WIDE),
        ([[5, 1, 2, 2, 0, 5]], "the last BOS is an answer only: which token would follow it?"),
    ]
    ids(inputs, [[5, 1, 2, 2, 0]], "the inputs of 'emma'", slips)
    slips = [([[5, 1, 2, 2, 0]], "each position is asked for its own input: the target is the token after it")]
    ids(targets, [[1, 2, 2, 0, 5]], "the targets of 'emma'", slips)


def test_padding(tokenizer_torch):
    """Behind the end of a shorter document inputs are BOS and targets -1; the longest one sets the width."""
    docs, made = ["am", "mazem", "zoe", "am"], tokenizer_torch.Tokenizer(DOCS)
    inputs, targets = tokenizer_torch.make_batch(docs=docs, tokenizer=made)
    rows = [[5, 0, 2, 5, 5, 5], [5, 2, 0, 4, 1, 2], [5, 4, 3, 1, 5, 5], [5, 0, 2, 5, 5, 5]]
    slips = [
        ([[-1 if j >= n else row[j] for j in range(6)] for row, n in zip(rows, (3, 6, 4, 3))], UNKNOWN),
        (
            [row[n:] + row[:n] for row, n in zip(rows, (3, 6, 4, 3))],
            "padding belongs behind a name, not before it",
        ),
        ([row + [5] * 10 for row in rows], TOO_WIDE),
        ([row[:3] for row in rows], "the shortest document sets the width, and the others are cut"),
        ([rows[1], rows[2], rows[0], rows[3]], "the longest comes first: rows stand in the order of the documents"),
    ]
    ids(inputs, rows, "the inputs of am, mazem, zoe, am", slips)
    rows = [[0, 2, 5, -1, -1, -1], [2, 0, 4, 1, 2, 5], [4, 3, 1, 5, -1, -1], [0, 2, 5, -1, -1, -1]]
    slips = [
        (
            [[5 if i == -1 else i for i in row] for row in rows],
            "padded with BOS, a target that counts: which one does not?",
        )
    ]
    ids(targets, rows, "the targets of am, mazem, zoe, am", slips)
    same(docs, ["am", "mazem", "zoe", "am"], "the list of documents afterwards")


def test_block_size(tokenizer_torch):
    """A document gives at most its first block_size positions; what comes after them is not used."""
    made = tokenizer_torch.Tokenizer(DOCS)
    cases = (
        ("zoe", [[5, 4, 3, 1]], [[4, 3, 1, 5]]),  # 4 positions: all are used
        ("zoem", [[5, 4, 3, 1]], [[4, 3, 1, 2]]),  # 5 positions: the one with the target BOS is cut off
        ("zoemam", [[5, 4, 3, 1]], [[4, 3, 1, 2]]),
    )
    for doc, inputs, targets in cases:
        got = tokenizer_torch.make_batch([doc], made, block_size=4)
        slips = [
            ([inputs[0][:3]], "one position is lost: how many tokens do 4 inputs and their targets need?"),
            ([[*inputs[0], 5]], "padding although nothing is shorter: what is the width once the document is cut?"),
        ]
        ids(got[0], inputs, f"the inputs of {doc!r} for a block_size of 4", slips)
        slips = [([[4, 3, 1, 5]], "a name that was cut is taught to end there: its last target is its next letter")]
        ids(got[1], targets, f"the targets of {doc!r} for a block_size of 4", slips)
    got = tokenizer_torch.make_batch(["zoemamazoemamazoe"], made)
    expect.tensor(got[0], (1, 16), "the inputs of a document of 17 characters")
