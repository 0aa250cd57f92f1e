def softmax(logits):
    return []


def cross_entropy(probs, target):
    return None
