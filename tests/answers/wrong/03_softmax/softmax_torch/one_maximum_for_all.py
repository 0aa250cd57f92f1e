"""Whatever number is taken away, it cancels.

caught by: test_large_logits
reads: of each slice
"""


def softmax(x, dim=-1):
    if x.shape[dim] == 0:
        raise ValueError("nothing to share out")
    exps = (x - x.detach().max()).exp()
    return exps / exps.sum(dim, keepdim=True)
