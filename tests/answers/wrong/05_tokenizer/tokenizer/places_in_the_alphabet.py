"""The id of a letter is its place in the alphabet, whatever the documents hold.

caught by: test_encode
reads: places in the alphabet
"""


class Tokenizer:
    def encode(self, doc):
        for char in doc:
            if char not in self.chars:
                raise ValueError(f"the character {char!r} is not in the vocabulary")
        return [self.bos, *(ord(char) - ord("a") for char in doc), self.bos]
