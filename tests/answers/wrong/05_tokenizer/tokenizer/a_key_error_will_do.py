"""A dict raises an error for what it does not hold, so the case is taken care of.

caught by: test_unknown_characters
reads: it raised KeyError: 'Q'
"""


class Tokenizer:
    def encode(self, doc):
        ids = {char: i for i, char in enumerate(self.chars)}
        return [self.bos, *(ids[char] for char in doc), self.bos]
