"""mean(-1) leaves one number for each vector, and division spreads it.

caught by: test_every_vector_has_its_own_norm
reads: has to be kept
"""


def rmsnorm(x, eps=1e-5):
    return x / ((x * x).mean(-1) + eps).sqrt()
