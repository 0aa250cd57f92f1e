"""The token that is no character stands for all characters that are unknown.

caught by: test_unknown_characters
"""


class Tokenizer:
    def encode(self, doc):
        ids = {char: i for i, char in enumerate(self.chars)}
        return torch.tensor([self.bos, *(ids.get(char, self.bos) for char in doc), self.bos])
