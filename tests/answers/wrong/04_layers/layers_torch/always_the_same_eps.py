"""eps is 1e-5.

caught by: test_eps
reads: the eps that is given
"""


def rmsnorm(x, eps=1e-5):
    return x / ((x * x).mean(-1, keepdim=True) + 1e-5).sqrt()
