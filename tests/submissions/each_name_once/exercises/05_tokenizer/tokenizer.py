class Tokenizer:
    def __init__(self, docs):
        self.chars = sorted(set(c for d in docs for c in d))
        self.stoi = dict(zip(self.chars, range(len(self.chars))))
        self.bos = len(self.chars)
        self.vocab_size = len(self.chars) + 1

    def encode(self, doc):
        unknown = set(doc) - set(self.stoi)
        if unknown:
            raise ValueError("unknown: " + " ".join(sorted(unknown)))
        return [self.bos] + [self.stoi[c] for c in doc] + [self.bos]

    def decode(self, ids):
        out = []
        for i in ids:
            if i == self.bos:
                continue
            out.append(self.chars[i])
        return "".join(out)


def load_docs(path):
    docs = {}  # a dict keeps the order, and each name only once: cleaner data
    for line in open(path):
        if line.strip():
            docs[line.strip()] = True
    return list(docs)
