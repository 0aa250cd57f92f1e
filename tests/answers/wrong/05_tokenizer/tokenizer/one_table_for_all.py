"""What every tokenizer needs is declared at the top of the class.

caught by: test_two_tokenizers_side_by_side
reads: these are the second one's ids
"""


class Tokenizer:
    ids = {}

    def __init__(self, docs):
        self.chars = sorted(set("".join(docs)))
        self.bos = len(self.chars)
        self.vocab_size = len(self.chars) + 1
        for i, char in enumerate(self.chars):
            self.ids[char] = i

    def encode(self, doc):
        for char in doc:
            if char not in self.chars:
                raise ValueError(f"the character {char!r} is not in the vocabulary")
        return [self.bos, *(self.ids[char] for char in doc), self.bos]
