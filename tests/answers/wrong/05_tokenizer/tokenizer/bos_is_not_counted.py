"""BOS is no character, and so no part of the vocabulary.

caught by: test_vocabulary
reads: is it counted
"""


class Tokenizer:
    def __init__(self, docs):
        self.chars = sorted(set("".join(docs)))
        self.bos = len(self.chars)
        self.vocab_size = len(self.chars)
