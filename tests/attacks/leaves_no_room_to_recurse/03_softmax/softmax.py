import sys


def softmax(logits):
    for limit in range(1, 200):
        try:
            sys.setrecursionlimit(limit)
            break
        except RecursionError:
            continue
    raise LookupError


def cross_entropy(logits, target):
    return softmax(logits)
