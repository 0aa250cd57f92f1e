"""A name always has the same ids, so its tensor can be kept and handed out again.

caught by: test_encode
reads: comes again
"""


class Tokenizer:
    def encode(self, doc):
        if not hasattr(self, "known"):
            self.known = {}
        if doc not in self.known:
            for char in doc:
                if char not in self.chars:
                    raise ValueError(f"the character {char!r} is not in the vocabulary")
            self.known[doc] = torch.tensor([self.bos, *(self.chars.index(char) for char in doc), self.bos])
        return self.known[doc]
