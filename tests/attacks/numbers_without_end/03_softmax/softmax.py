import itertools


def softmax(logits):
    return itertools.repeat(0.5)


def cross_entropy(logits, target):
    return softmax(logits)
