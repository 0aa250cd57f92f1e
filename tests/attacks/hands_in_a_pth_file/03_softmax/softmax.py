def softmax(logits):
    return []


def cross_entropy(logits, target):
    return []
