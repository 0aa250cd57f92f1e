CYCLE = []
CYCLE.append(CYCLE)


def softmax(logits):
    return CYCLE


def cross_entropy(logits, target):
    return softmax(logits)
