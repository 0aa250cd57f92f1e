from value import Value


def softmax(logits):
    return [Value(0.5) for _ in logits]


def cross_entropy(logits, target):
    return Value(0.5)
