"""Every id has a sign, and that of BOS is a dot.

caught by: test_decode_leaves_out_bos
reads: leaves no trace in the text
"""


class Tokenizer:
    def decode(self, ids):
        signs = [*self.chars, "."]
        return "".join(signs[i] for i in ids)
