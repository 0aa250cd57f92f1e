"""In this track all ids come in tensors.

caught by: test_decode_a_list
reads: a list of ints is welcome as well
"""


class Tokenizer:
    def decode(self, ids):
        return "".join(self.chars[i] for i in ids.tolist() if i != self.bos)
