class Number(float):
    @property
    def data(self):
        return float(self)


def Numbers(value, count):
    return [Number(value)] * count


def softmax(logits):
    return Numbers(float("nan"), len(logits))


def cross_entropy(logits, target):
    return softmax(logits)
