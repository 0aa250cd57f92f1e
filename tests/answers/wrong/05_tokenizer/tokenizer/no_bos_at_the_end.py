"""BOS begins a sequence, as its name says, and nothing has to end it.

caught by: test_encode
reads: that a name is over
"""


class Tokenizer:
    def encode(self, doc):
        for char in doc:
            if char not in self.chars:
                raise ValueError(f"the character {char!r} is not in the vocabulary")
        return [self.bos, *(self.chars.index(char) for char in doc)]
