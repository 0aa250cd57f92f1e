"""str.index raises a ValueError by itself, and it does not matter what it says.

caught by: test_unknown_characters
reads: the text of the error must contain the character, Q
"""


class Tokenizer:
    def encode(self, doc):
        letters = "".join(self.chars)
        return [self.bos, *(letters.index(char) for char in doc), self.bos]
