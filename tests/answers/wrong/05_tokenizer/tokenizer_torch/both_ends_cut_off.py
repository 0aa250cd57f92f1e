"""A row of ids begins and ends with BOS, so the text is what lies between.

caught by: test_decode_a_list, test_decode_a_tensor
reads: is it certain that BOS stands there
"""


class Tokenizer:
    def decode(self, ids):
        return "".join(self.chars[i] for i in list(ids)[1:-1])
