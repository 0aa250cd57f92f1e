"""A list of ints is as good as a tensor of them.

caught by: test_encode
reads: a torch.Tensor belongs there
"""


class Tokenizer:
    def encode(self, doc):
        for char in doc:
            if char not in self.chars:
                raise ValueError(f"the character {char!r} is not in the vocabulary")
        return [self.bos, *(self.chars.index(char) for char in doc), self.bos]
