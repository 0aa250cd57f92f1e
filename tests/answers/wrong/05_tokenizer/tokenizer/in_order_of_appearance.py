"""Ids are arbitrary, so they may be given out as the characters come.

caught by: test_vocabulary
reads: as they first occur
"""


class Tokenizer:
    def __init__(self, docs):
        self.chars = []
        for doc in docs:
            for char in doc:
                if char not in self.chars:
                    self.chars.append(char)
        self.bos = len(self.chars)
        self.vocab_size = len(self.chars) + 1
