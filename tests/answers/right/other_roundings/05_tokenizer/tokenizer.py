"""Step 05 by searching in a string."""

import bisect
import re


def load_docs(path):
    with open(path, encoding="utf8", newline="") as file:
        return [doc for doc in (line.strip() for line in re.split("\r?\n", file.read())) if doc]


class Tokenizer:
    def __init__(self, docs):
        chars = []
        for char in "".join(docs):
            place = bisect.bisect_left(chars, char)
            if place == len(chars) or chars[place] != char:
                chars.insert(place, char)
        self.chars = chars
        self.vocab_size = len([*chars, "BOS"])
        self.bos = self.vocab_size - 1

    def encode(self, doc):
        ids = []
        for char in doc:
            try:
                ids.append(self.chars.index(char))
            except ValueError as error:
                raise ValueError(f"{char} in {doc} is new") from error
        ids.insert(0, self.bos)
        return ids + ids[:1]

    def decode(self, ids):
        return "".join([self.chars[i] for i in ids if i < self.bos])
