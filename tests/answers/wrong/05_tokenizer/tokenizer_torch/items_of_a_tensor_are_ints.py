"""A loop over a tensor gives ints, as one over a list does.

caught by: test_decode_a_tensor
reads: the items of a tensor are tensors
"""


class Tokenizer:
    def decode(self, ids):
        names = dict(enumerate(self.chars))
        return "".join(names[i] for i in ids if i != self.bos)
