"""Scores lie along the last dimension.

caught by: test_any_dimension
reads: dim is not used
"""


def softmax(x, dim=-1):
    if x.shape[dim] == 0:
        raise ValueError("nothing to share out")
    exps = (x - x.detach().amax(-1, keepdim=True)).exp()
    return exps / exps.sum(-1, keepdim=True)
