"""str.find gives the place of every character.

caught by: test_unknown_characters
reads: it returned [5, -1, 4, 3, 1, 5]
"""


class Tokenizer:
    def encode(self, doc):
        letters = "".join(self.chars)
        return [self.bos, *(letters.find(char) for char in doc), self.bos]
