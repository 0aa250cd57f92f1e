# my solution of step 5


def load_docs(path):
    file = open(path, "r", encoding="utf-8", newline="\n")
    text = file.read()
    file.close()
    documents = []
    for line in text.split("\n"):
        line = line.strip()
        if line == "":
            continue
        documents.append(line)
    return documents


class Tokenizer:
    def __init__(self, docs):
        self.chars = []
        for doc in docs:
            for character in doc:
                if character not in self.chars:
                    self.chars.append(character)
        self.chars.sort()
        self.bos = len(self.chars)
        self.vocab_size = self.bos + 1

    def encode(self, doc):
        ids = []
        ids.append(self.bos)
        for character in doc:
            number = -1
            for i in range(len(self.chars)):
                if self.chars[i] == character:
                    number = i
            if number == -1:
                raise ValueError("I do not know the character " + character)
            ids.append(number)
        ids.append(self.bos)
        return ids

    def decode(self, ids):
        text = ""
        for number in ids:
            if number == self.bos:
                continue
            text = text + self.chars[number]
        return text
