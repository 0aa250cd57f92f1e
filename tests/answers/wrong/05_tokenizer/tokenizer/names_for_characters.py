"""A set of the documents holds their characters.

caught by: test_vocabulary
reads: these are the distinct documents
"""


class Tokenizer:
    def __init__(self, docs):
        self.chars = sorted(set(docs))
        self.bos = len(self.chars)
        self.vocab_size = len(self.chars) + 1
