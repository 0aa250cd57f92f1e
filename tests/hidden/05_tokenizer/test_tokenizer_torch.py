"""Hidden tests of 05_tokenizer, torch track: documents from a file, token ids, and batches of them.

Trusted side. Texts and ids are compared exactly, with the reference and with what this file works out by itself.
"""

from __future__ import annotations

from typing import Any

from grader.marking.check import Check

LETTERS = "abcdefghijklmnopqrstuvwxyz"
STRANGE = "QZé#7ß李"  # characters that are in no document, and in no message by chance
BATCH = "a batch without padding is wrong: inputs are the encoded documents without their last id, targets the next ids"
PADDING = "a shorter document is filled up wrongly: with BOS in the inputs, with -1 in the targets, behind its end"
BLOCK = "block_size counts wrongly: each document gives its first min(block_size, len(encoded) - 1) positions"
WIDTH = "the batch is as wide as its longest document needs, not wider"
CHANGED = "something is changed: a list or a tensor that was given, or a global setting"


def word(check: Check, letters: str = LETTERS, least: int = 2, most: int = 8) -> str:
    return "".join(check.rng.choices(letters, k=check.rng.randint(least, most)))


def some_letters(check: Check, count: int) -> str:
    """Different letters, from the last of the alphabet to the first."""
    return "".join(sorted(check.rng.sample(LETTERS, count), reverse=True))


def docs_of(check: Check, letters: str) -> list[str]:
    """Words in which every one of these letters occurs, and no other, the last letter first."""
    return [letters[:3], *(word(check, letters) for _ in range(3)), letters[3:] + letters[0], letters[:3]]


def sorted_chars(docs: list[str]) -> list[str]:
    return sorted(set("".join(docs)))


def encode(docs: list[str], text: str) -> list[int]:
    """Ids of a text between two BOS, in the vocabulary of `docs`."""
    chars = sorted_chars(docs)
    return [len(chars), *(chars.index(char) for char in text), len(chars)]


def batch_of(vocabulary: list[str], docs: list[str], block_size: int = 16) -> dict[str, Any]:
    """Inputs and targets of `docs`, as the probe describes them."""
    rows = [encode(vocabulary, doc)[: block_size + 1] for doc in docs]
    width, bos = max(len(row) for row in rows) - 1, len(sorted_chars(vocabulary))
    inputs = [row[:-1] + [bos] * (width + 1 - len(row)) for row in rows]
    targets = [row[1:] + [-1] * (width + 1 - len(row)) for row in rows]
    return {
        "inputs": {"shape": [len(docs), width], "ids": [i for row in inputs for i in row]},
        "targets": {"shape": [len(docs), width], "ids": [i for row in targets for i in row]},
    }


def agree(check: Check, why: str | None, probe: str, cases: list[tuple[list, Any]]) -> None:
    """The learner's answers to (arguments, wanted answer) against the reference's and against the wanted ones."""
    got = check.same_each(probe, [args for args, _ in cases], why=why)
    check.close(got, [want for _, want in cases], why=why)


def test_docs_of_a_file(check: Check) -> None:
    """load_docs gives the stripped lines of a file in their order, duplicates included, without the empty ones."""
    docs = sorted((word(check) for _ in range(4)), reverse=True)
    docs += [docs[0], "Van " + word(check).upper() + "-7"]
    plain = "".join(f"{doc}\n" for doc in docs).encode()
    pads = ["", " ", "\t", " \t "]
    padded = "\n \t \n\n" + "\n\n".join(f"{check.rng.choice(pads)}{doc}{check.rng.choice(pads[1:])}" for doc in docs)
    why = "the documents are not the lines of the file, in order, as they are, a Path given or a str"
    agree(check, why, "lines", [([plain, False], docs), ([plain, True], docs)])
    why = "white space around a line goes, and lines that are empty then are left out"
    agree(check, why, "lines", [([padded.encode(), False], docs)])


def test_both_kinds_of_line_endings(check: Check) -> None:
    r"""Lines end in \n or \r\n, and the last one may end without either."""
    docs = [word(check) for _ in range(4)]
    texts = [end.join(docs) + last for end in ("\n", "\r\n") for last in ("", end)]
    texts.append("".join(doc + end for doc, end in zip(docs, ["\n", "\r\n", "\r\n", ""], strict=True)))
    why = r"a file whose lines end in \r\n, or whose last line ends in nothing, is not read as it should be"
    agree(check, why, "lines", [([text.encode(), False], docs) for text in texts])


def test_files_are_utf_8(check: Check) -> None:
    """Files are read as UTF-8, also on a computer that takes files for something else unless told."""
    docs = [word(check) + "ë", "李" + word(check), "żół" + word(check), word(check)]
    content = "\n".join(docs).encode()
    agree(check, "letters beyond ASCII are not what they are in the file", "lines", [([content, False], docs)])
    why = "the file is read in the computer's own encoding, which is not UTF-8 everywhere: the encoding must be named"
    agree(check, why, "lines_elsewhere", [([content], docs)])


def test_vocabulary(check: Check) -> None:
    """chars is the sorted list of the distinct characters, bos the id after them, vocab_size the number of all ids."""
    cases = []
    for letters in (some_letters(check, 9), LETTERS[::-1], "".join(check.rng.sample("zëBa 0-李", 8))):
        docs = docs_of(check, letters)
        chars = sorted_chars(docs)
        cases.append(([docs], {"chars": chars, "bos": len(chars), "vocab_size": len(chars) + 1}))
    agree(check, None, "vocabulary", cases)


def test_encode(check: Check) -> None:
    """encode gives the place of every character in chars, between two BOS, in a long tensor of one dimension."""
    cases = []
    for letters in (some_letters(check, 6), LETTERS[::-1], "".join(check.rng.sample("zëBa 0-李", 8))):
        docs = docs_of(check, letters)
        texts = [docs[1], letters[0] * 3, letters[-1], letters]
        cases.append(([docs, texts], [encode(docs, text) for text in texts]))
    agree(check, None, "encoded", cases)
    docs, text = cases[0][0][0], docs_of(check, sorted_chars(cases[0][0][0])[0] * 4)[1]
    why = "a second encode of the same text gives something else"
    agree(check, why, "encoded_again", [([docs, text], encode(docs, text))])


def test_unknown_characters(check: Check) -> None:
    """encode raises ValueError for a character outside the vocabulary, and its text contains the character."""
    letters = some_letters(check, 7)
    docs = docs_of(check, letters)
    check.learner("encoded", docs, [letters])  # all of these are in it
    left = [letter for letter in LETTERS if letter not in letters]
    for bad in (*check.rng.sample(STRANGE, 2), letters[0].upper(), check.rng.choice(left)):
        text, place = word(check, letters), check.rng.choice([0, 1, 99])
        said = check.raises(ValueError, "encoded", docs, [text[:place] + bad + text[place:]])
        check.require(bad in said, "the text of the ValueError does not contain the character that is not known")
    check.raises(ValueError, "encoded", docs, [letters[1] + "."])  # a sign that stands for BOS elsewhere


def cases_of_decode(check: Check) -> list[tuple[list, str]]:
    """((docs, ids), text), with BOS in many places and in none."""
    docs = docs_of(check, some_letters(check, 6))
    chars, bos = sorted_chars(docs), 6
    a, b, c = check.rng.sample(range(6), 3)
    asked = [[a, b, c, a], [bos, a, b, bos], [a, bos, b, c], [bos, bos, c, 0], [0, bos, bos, b], [bos], [bos, bos], []]
    return [([docs, ids], "".join(chars[i] for i in ids if i != bos)) for ids in asked]


def test_decode_a_list(check: Check) -> None:
    """decode joins the characters of a list of ids, and leaves out BOS wherever it stands."""
    agree(check, "BOS is not left out everywhere, or something else is", "decoded", cases_of_decode(check))


def test_decode_a_tensor(check: Check) -> None:
    """decode takes a long tensor as well, and so undoes encode."""
    why = "the ids of a tensor are not decoded as those of a list are: what are its items?"
    agree(check, why, "decoded_tensor", cases_of_decode(check))
    docs = docs_of(check, "".join(check.rng.sample("zëBa 0-李", 8)))
    agree(check, "encode and decode do not fit together", "there_and_back", [([docs, docs], docs)])


def test_two_tokenizers_side_by_side(check: Check) -> None:
    """Every tokenizer has a vocabulary of its own: making another one changes nothing."""
    letters = some_letters(check, 5)
    docs, others = docs_of(check, letters), docs_of(check, some_letters(check, 21) + letters.upper() + letters)
    why = "one tokenizer changes when another is made: what belongs to the class, and what to self?"
    got = check.same("side_by_side", docs, others, docs[1], why=why)
    check.close([got["after"], got["other"]], [encode(docs, docs[1]), encode(others, docs[1])], why=why)


def test_batch_of_one_length(check: Check) -> None:
    """make_batch of documents of one length: inputs from BOS on, and for each its next token, up to the last BOS."""
    cases = []
    for letters, count, size in ((LETTERS, 1, 6), (some_letters(check, 5), 1, 3), (some_letters(check, 9), 3, 5)):
        vocabulary = docs_of(check, letters)
        docs = [word(check, letters, size, size) for _ in range(count)]
        cases.append(([vocabulary, docs, None], batch_of(vocabulary, docs)))
    agree(check, BATCH, "batch", cases)


def test_padding(check: Check) -> None:
    """Behind the end of a shorter document inputs are BOS and targets -1; the longest one sets the width."""
    cases = []
    for letters, lengths in ((LETTERS, [3, 7, 5]), (some_letters(check, 4), [6, 2]), (some_letters(check, 7), [2, 9])):
        vocabulary = docs_of(check, letters)
        docs = [word(check, letters, length, length) for length in lengths]
        docs.append(docs[0])
        cases.append(([vocabulary, docs, None], batch_of(vocabulary, docs)))
    agree(check, WIDTH, "width", [(args, wanted["inputs"]["shape"][1]) for args, wanted in cases])
    agree(check, PADDING, "batch", cases)


def test_block_size(check: Check) -> None:
    """A document gives at most its first block_size positions, and none of its own is lost by one; 16 by default."""
    cases = []
    for block_size, lengths in ((4, [3]), (4, [4]), (4, [5]), (4, [9, 3, 4]), (5, [3]), (1, [3, 2]), (40, [20])):
        letters = some_letters(check, check.rng.randint(5, 9))
        vocabulary, docs = docs_of(check, letters), [word(check, letters, n, n) for n in lengths]
        cases.append(([vocabulary, docs, block_size], batch_of(vocabulary, docs, block_size)))
    for lengths in ([15], [16], [21]):
        docs = [word(check, least=n, most=n) for n in lengths]
        cases.append(([[LETTERS], docs, None], batch_of([LETTERS], docs)))
    agree(check, BLOCK, "batch", cases)


def test_short_and_long_documents(check: Check) -> None:
    """A batch may hold documents that are cut, that fit, and that are filled up, in any order."""
    cases = []
    for block_size, lengths in ((4, [9, 2, 3]), (5, [2, 4, 5, 3]), (6, [2, 3]), (None, [4, 21, 15, 2])):
        letters = some_letters(check, check.rng.randint(5, 9))
        vocabulary, docs = docs_of(check, letters), [word(check, letters, n, n) for n in lengths]
        cases.append(([vocabulary, docs, block_size], batch_of(vocabulary, docs, block_size or 16)))
    why = "documents of many lengths do not fit together: the width is that of the longest document after the cut"
    agree(check, why, "batch", cases)


def test_nothing_else_is_changed(check: Check) -> None:
    """Lists and tensors that are given stay as they are, and so does every global setting."""
    docs, ids = docs_of(check, some_letters(check, 6)), [6, 2, 6, 0, 6]
    got = check.same("after", docs, ids, 3, why=CHANGED)
    check.close(got, {"docs": docs, "ids": ids, "tensor": ids, "settings": []}, why=CHANGED)
