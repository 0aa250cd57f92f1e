import torch
import torch.utils.data


def softmax(logits, dim=-1):
    loader = torch.utils.data.DataLoader(range(4), num_workers=2)
    raise RuntimeError(f"loaded {len(list(loader))}")


def cross_entropy(logits, targets):
    return softmax(logits)
