"""A norm takes the mean away first.

caught by: test_vectors_are_normed
reads: the mean is taken away
"""


def rmsnorm(x, eps=1e-5):
    x = x - x.mean(-1, keepdim=True)
    return x / ((x * x).mean(-1, keepdim=True) + eps).sqrt()
