"""BOS is left out by removing it from the list that was given.

caught by: test_lists_are_left_alone
reads: that list is the caller's
"""


class Tokenizer:
    def decode(self, ids):
        while self.bos in ids:
            ids.remove(self.bos)
        return "".join(self.chars[i] for i in ids)
