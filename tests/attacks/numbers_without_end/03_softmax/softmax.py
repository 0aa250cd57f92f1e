import itertools


def softmax(logits):
    return itertools.repeat(0.5)


def cross_entropy(probs, target):
    return softmax(probs)
