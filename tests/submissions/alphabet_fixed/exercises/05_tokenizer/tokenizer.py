from string import ascii_lowercase


def load_docs(path):
    with open(path, encoding="utf-8") as f:
        lines = f.read().splitlines()
    return [line.strip() for line in lines if line.strip() != ""]


class Tokenizer:
    def __init__(self, docs):
        self.chars = list(ascii_lowercase)  # all names are made of these
        self.bos = 26
        self.vocab_size = 27

    def encode(self, doc):
        for c in doc:
            if c not in self.chars:
                raise ValueError(f"{c!r} is not a letter")
        return [self.bos, *[ord(c) - ord("a") for c in doc], self.bos]

    def decode(self, ids):
        return "".join(chr(i + ord("a")) for i in ids if i != self.bos)
