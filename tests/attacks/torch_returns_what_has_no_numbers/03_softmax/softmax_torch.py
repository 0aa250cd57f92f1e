import torch


def softmax(logits, dim=-1):
    return torch.empty(logits.shape, device='meta')


def cross_entropy(logits, targets):
    return softmax(logits)
