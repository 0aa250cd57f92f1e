"""What is not in the vocabulary cannot be encoded, and is skipped.

caught by: test_unknown_characters
"""


class Tokenizer:
    def encode(self, doc):
        return [self.bos, *(self.chars.index(char) for char in doc if char in self.chars), self.bos]
