"""The mean of the squares is the mean over the whole tensor.

caught by: test_every_vector_has_its_own_norm
reads: one root for all
"""


def rmsnorm(x, eps=1e-5):
    return x / ((x * x).mean() + eps).sqrt()
