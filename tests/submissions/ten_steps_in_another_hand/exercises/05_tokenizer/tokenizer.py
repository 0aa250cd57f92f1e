def load_docs(path):
    with open(path, "rb") as file:
        text = file.read().decode("utf-8")
    found = []
    for line in text.split("\n"):
        line = line.strip()  # a \r goes as well
        if line:
            found.append(line)
    return found


class Tokenizer:
    def __init__(self, docs):
        letters = set()
        for doc in docs:
            letters |= set(doc)
        self.chars = sorted(letters)
        self.ids = {letter: i for i, letter in enumerate(self.chars)}
        self.bos = len(self.ids)

    @property
    def vocab_size(self):
        return self.bos + 1

    def encode(self, doc):
        ids = [self.bos]
        for letter in doc:
            try:
                ids.append(self.ids[letter])
            except KeyError:
                raise ValueError(f"no token for {letter}, only for {''.join(self.chars)}") from None
        return ids + [self.bos]

    def decode(self, ids):
        text = ""
        for i in ids:
            text += "" if i == self.bos else self.chars[i]
        return text
