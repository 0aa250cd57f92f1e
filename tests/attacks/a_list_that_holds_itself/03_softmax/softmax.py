CYCLE = []
CYCLE.append(CYCLE)


def softmax(logits):
    return CYCLE


def cross_entropy(probs, target):
    return softmax(probs)
