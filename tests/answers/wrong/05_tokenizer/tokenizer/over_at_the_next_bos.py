"""BOS behind a letter ends the name, and with it the text.

caught by: test_decode_leaves_out_bos
reads: go on behind it
"""


class Tokenizer:
    def decode(self, ids):
        text = ""
        for i in ids:
            if i == self.bos and text:
                break
            if i != self.bos:
                text += self.chars[i]
        return text
