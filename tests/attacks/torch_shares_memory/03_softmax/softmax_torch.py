import torch


def softmax(logits, dim=-1):
    logits = torch.zeros(4).share_memory_()
    raise RuntimeError("shared")


def cross_entropy(logits, targets):
    return softmax(logits)
