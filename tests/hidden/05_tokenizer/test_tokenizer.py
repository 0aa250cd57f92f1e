"""Hidden checks of 05_tokenizer (pure): documents from a file, the vocabulary, encoding and decoding.

Trusted side. Text and ids are compared exactly, with the reference and with what this file works out by itself.
"""

from grader.marking.check import Check

LETTERS = "abcdefghijklmnopqrstuvwxyz"
STRANGE = "QZé#7ß李"  # characters for words that no other letter is in, and that occur in no message by chance


def word(check: Check, letters: str = LETTERS, most: int = 8) -> str:
    """A word of these letters."""
    return "".join(check.rng.choices(letters, k=check.rng.randint(2, most)))


def words(check: Check, count: int) -> list[str]:
    """Different words, sorted."""
    found: set[str] = set()
    while len(found) < count:
        found.add(word(check))
    return sorted(found)


def file_of(lines: list[str]) -> bytes:
    """What a file of these lines holds."""
    return "".join(f"{line}\n" for line in lines).encode()


def some_letters(check: Check, count: int, of: str = LETTERS) -> str:
    """Different letters, from the last of the alphabet to the first."""
    return "".join(sorted(check.rng.sample(of, count), reverse=True))


def docs_of(check: Check, letters: str) -> list[str]:
    """Words in which every one of these letters occurs, and no other, the last letter first."""
    return [letters[:3], *(word(check, letters) for _ in range(3)), letters[3:] + letters[0], letters[:3]]


def sorted_chars(docs: list[str]) -> list[str]:
    """The distinct characters."""
    return sorted(set("".join(docs)))


def encode(docs: list[str], doc: str) -> list[int]:
    """Ids of a document between two BOS."""
    chars = sorted_chars(docs)
    return [len(chars), *(chars.index(char) for char in doc), len(chars)]


def test_lines_of_a_file(check: Check) -> None:
    """load_docs gives the lines of a file as a list of str, in their order, duplicates included."""
    why = "the documents are not the lines of the file, in their order and as often as they stand there"
    for count in (5, 1):
        docs = words(check, count)[::-1]
        docs.append(docs[0])
        check.close(check.same("lines", file_of(docs), why=why), docs, why=why)
    docs = words(check, 4)
    docs = [docs[0].title(), "van " + docs[1], docs[2] + "-7", docs[3].upper()]
    why = "a line is changed on the way: capitals, signs, and spaces within a line belong to it"
    check.close(check.same("lines", file_of(docs), why=why), docs, why=why)


def test_white_space_and_empty_lines(check: Check) -> None:
    """Lines lose the spaces and tabs around them; lines that are empty, or empty then, are left out."""
    docs = words(check, 4)
    before, after = (check.rng.sample(pads, 4) for pads in (["", " ", "\t", " \t "], [" ", "\t", "  ", "\t "]))
    padded = [left + doc + right for left, doc, right in zip(before, docs, after, strict=True)]
    why = "spaces or tabs around a line are left standing"
    check.close(check.same("lines", file_of(padded), why=why), docs, why=why)
    why = "empty lines, or lines of white space alone, are not left out as they should be"
    spaced = ["", "  ", docs[0], "", docs[1], "\t", "", docs[2], " \t ", docs[3], ""]
    check.close(check.same("lines", file_of(spaced), why=why), docs, why=why)


def test_both_kinds_of_line_endings(check: Check) -> None:
    r"""Lines end in \n or \r\n, and the last one may end without either."""
    docs = words(check, 4)
    cases = [[end.join(docs).encode() + last] for end in ("\n", "\r\n") for last in (b"", end.encode())]
    mixed = "".join(doc + end for doc, end in zip(docs, ["\n", "\r\n", "\n", "\r\n"], strict=True)).encode()
    why = r"a file whose lines end in \r\n, or whose last line ends in nothing, is not read as it should be"
    got = check.same_each("lines", [*cases, [mixed]], why=why)
    check.close(got, [docs] * 5, why=why)


def test_files_are_utf_8(check: Check) -> None:
    """Files are read as UTF-8: letters beyond ASCII arrive as they are."""
    docs = sorted([word(check) + "ë", "李" + word(check), "żół" + word(check), word(check), "🙂"])
    why = "letters beyond ASCII are not what they are in the file"
    check.close(check.same("lines", file_of(docs), why=why), docs, why=why)


def test_the_computer_does_not_choose_the_encoding(check: Check) -> None:
    """Files are read as UTF-8 also on a computer that takes files for something else unless told."""
    docs = sorted([word(check) + "ë", word(check), "李" + word(check)])
    why = "the file is read in the computer's own encoding, which is not UTF-8 everywhere: the encoding must be named"
    check.close(check.same("lines_elsewhere", file_of(docs), why=why), docs, why=why)


def test_the_path_may_be_a_path(check: Check) -> None:
    """load_docs takes a pathlib.Path as well as a str."""
    docs = words(check, 3)
    why = "the documents are not the lines of the file where the path is a Path"
    check.close(check.same("lines_by_path", file_of(docs), why=why), docs, why=why)


def test_vocabulary(check: Check) -> None:
    """chars is the sorted list of the distinct characters, bos the id after them, vocab_size the number of all ids."""
    for docs in (docs_of(check, some_letters(check, 9)), [*words(check, 2), LETTERS[::-1]]):
        why = "chars, bos or vocab_size is not what it should be for these documents"
        got, chars = check.same("vocabulary", docs, why=why), sorted_chars(docs)
        check.close(got, {"chars": chars, "bos": len(chars), "vocab_size": len(chars) + 1}, why=why)


def test_vocabulary_of_any_characters(check: Check) -> None:
    """Capitals, digits, spaces, signs and letters of any script are characters like all others, sorted as str are."""
    for letters in ("zëBa 0-", "李Éx'Z9b"):
        letters = "".join(check.rng.sample(letters, len(letters)))
        docs = docs_of(check, letters)
        why = "characters other than a to z are lost, changed or not in order"
        got, chars = check.same("vocabulary", docs, why=why), sorted_chars(docs)
        check.close(got, {"chars": chars, "bos": len(chars), "vocab_size": len(chars) + 1}, why=why)
        check.close(check.same("encoded", docs, letters, why=why), encode(docs, letters), why=why)
        check.close(check.same("there_and_back", docs, [letters, docs[1]], why=why), [letters, docs[1]], why=why)


def test_encode(check: Check) -> None:
    """encode gives the place of every character in chars, between two BOS, in a list of int."""
    cases = []
    for letters in (some_letters(check, 6), some_letters(check, 10), LETTERS[::-1]):
        docs = docs_of(check, letters)
        cases += [[docs, docs[1]], [docs, letters[0] * 3], [docs, letters[-1]]]
    cases.append([["ba"], "abba"])
    why = "the ids are not the places of the characters in chars, between two BOS"
    check.close(check.same_each("encoded", cases, why=why), [encode(*case) for case in cases], why=why)
    why = "a second encode of the same text gives something else"
    check.close(check.same("encoded_again", *cases[0], why=why), encode(*cases[0]), why=why)


def test_unknown_characters(check: Check) -> None:
    """encode raises ValueError for a character outside the vocabulary, and its text contains the character."""
    letters = some_letters(check, 7)
    docs = docs_of(check, letters)
    check.learner("encoded", docs, letters)  # all of these are in it
    left = [letter for letter in LETTERS if letter not in letters]
    for bad in (*check.rng.sample(STRANGE, 3), letters[0].upper(), check.rng.choice(left)):
        doc, place = word(check, letters), check.rng.choice([0, 1, 99])
        text = check.raises(ValueError, "encoded", docs, doc[:place] + bad + doc[place:])
        check.require(bad in text, "the text of the ValueError does not contain the character that is not known")
    for bad in (".", " "):  # signs that stand for BOS elsewhere
        check.raises(ValueError, "encoded", docs, letters[1] + bad)


def test_decode(check: Check) -> None:
    """decode joins the characters of the ids to one str; of no ids it makes an empty one."""
    letters = some_letters(check, 8)
    docs = docs_of(check, letters)
    texts = [word(check, letters), letters[0] + letters + letters[-1], letters[2]]
    cases = [[docs, encode(docs, text)[1:-1]] for text in texts]
    why = "ids without a BOS around them are not decoded as they should be"
    check.close(check.same_each("decoded", cases, why=why), texts, why=why)
    check.close(check.same("decoded", docs, [], why=why), "", why=why)
    why = "decode does not give back what encode was given"
    check.close(check.same("there_and_back", docs, docs + texts, why=why), docs + texts, why=why)


def test_decode_leaves_out_bos(check: Check) -> None:
    """decode leaves out BOS wherever it stands: at the ends, between letters, twice in a row, or alone."""
    docs = docs_of(check, some_letters(check, 6))
    chars, bos = sorted_chars(docs), 6
    a, b, c = check.rng.sample(range(6), 3)
    ids = [
        [bos, a, b, bos],
        [a, bos, b, c],
        [bos, bos, a],
        [b, c, bos, bos],
        [bos],
        [bos, bos],
        [a, bos, bos, c, bos, a],
    ]
    want = ["".join(chars[i] for i in one if i != bos) for one in ids]
    why = "BOS is not left out everywhere, or something else is"
    check.close(check.same_each("decoded", [[docs, one] for one in ids], why=why), want, why=why)


def test_two_tokenizers_side_by_side(check: Check) -> None:
    """Every tokenizer has a vocabulary of its own: making another one changes nothing."""
    letters = some_letters(check, 5)
    docs, others = docs_of(check, letters), docs_of(check, some_letters(check, 21) + letters.upper() + letters)
    why = "one tokenizer changes when another is made: what belongs to the class, and what to self?"
    got = check.same("side_by_side", docs, others, docs[1], why=why)
    check.close(got["after"], encode(docs, docs[1]), why=why)
    check.close(got["other"], encode(others, docs[1]), why=why)


def test_lists_are_left_alone(check: Check) -> None:
    """The list of documents, and a list of ids to decode, stay as they are."""
    docs = docs_of(check, some_letters(check, 6))
    why = "Tokenizer changes the list of documents"
    check.close(check.same("docs_afterwards", docs, why=why), docs, why=why)
    ids, why = [6, 2, 6, 0, 6], "decode changes the list of ids"
    check.close(check.same("ids_afterwards", docs, ids, why=why), ids, why=why)
