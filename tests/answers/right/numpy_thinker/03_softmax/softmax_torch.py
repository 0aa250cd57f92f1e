import torch


def softmax(x, dim=-1):
    if 0 in (x.shape[dim],):
        raise ValueError("softmax of an empty axis")
    e = torch.exp(x - x.max(dim=dim, keepdim=True)[0])
    return e / e.sum(dim=dim, keepdim=True)


def cross_entropy(logits, targets, ignore_index=-1):
    V = logits.shape[1]
    keep = targets != ignore_index  # (N,)
    bad = keep & ((targets < 0) | (targets >= V))
    if bad.any():
        raise IndexError(f"targets {targets[bad].tolist()} are not in range({V})")
    m = logits.max(dim=1, keepdim=True)[0]  # (N, 1)
    lse = torch.log(torch.exp(logits - m).sum(dim=1)) + m[:, 0]  # (N,)
    onehot = targets[:, None] == torch.arange(V)[None, :]  # (N, V)
    picked = (logits * onehot).sum(dim=1)  # (N,)
    n = max(int(keep.sum()), 1)
    return ((lse - picked) * keep).sum() / n
