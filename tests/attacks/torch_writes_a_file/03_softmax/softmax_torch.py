import torch


def softmax(logits, dim=-1):
    torch.save(torch.zeros(1), "@HOME@/saved.pt")


def cross_entropy(logits, targets):
    return softmax(logits)
