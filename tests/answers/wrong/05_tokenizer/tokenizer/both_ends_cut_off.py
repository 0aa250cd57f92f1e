"""What is decoded was encoded, so BOS stands at both ends.

caught by: test_decode, test_decode_leaves_out_bos
reads: is it certain that BOS stands there
"""


class Tokenizer:
    def decode(self, ids):
        return "".join(self.chars[i] for i in ids[1:-1])
