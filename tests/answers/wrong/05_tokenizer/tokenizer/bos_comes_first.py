"""What begins a sequence has the first id, and the characters follow it.

caught by: test_vocabulary, test_encode
reads: BOS comes after all of them
"""


class Tokenizer:
    def __init__(self, docs):
        self.chars = sorted(set("".join(docs)))
        self.bos = 0
        self.vocab_size = len(self.chars) + 1

    def encode(self, doc):
        for char in doc:
            if char not in self.chars:
                raise ValueError(f"the character {char!r} is not in the vocabulary")
        return [self.bos, *(self.chars.index(char) + 1 for char in doc), self.bos]

    def decode(self, ids):
        return "".join(self.chars[i - 1] for i in ids if i != self.bos)
