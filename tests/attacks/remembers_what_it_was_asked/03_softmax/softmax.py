SEEN = []


def softmax(logits):
    earlier = list(SEEN)
    SEEN.append(logits)
    return earlier[-1] if earlier else logits


def cross_entropy(logits, target):
    return softmax(logits)
