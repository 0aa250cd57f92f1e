"""Each number is divided by the mean of the squares.

caught by: test_vectors_are_normed
reads: without its root
"""


def rmsnorm(x, eps=1e-5):
    return x / ((x * x).mean(-1, keepdim=True) + eps)
