"""torch.Tensor(...) makes a tensor of whatever numbers it is given.

caught by: test_encode
reads: is torch.float32; torch.int64 belongs there
"""


class Tokenizer:
    def encode(self, doc):
        for char in doc:
            if char not in self.chars:
                raise ValueError(f"the character {char!r} is not in the vocabulary")
        return torch.Tensor([self.bos, *(self.chars.index(char) for char in doc), self.bos])
