"""The sum is a number for each slice.

caught by: test_probabilities_are_right
reads: stand beside its own slice
"""


def softmax(x, dim=-1):
    if x.shape[dim] == 0:
        raise ValueError("nothing to share out")
    exps = (x - x.detach().amax(dim, keepdim=True)).exp()
    return exps / exps.sum(dim)
