"""eps keeps the divisor away from 0, so it is added to the divisor.

caught by: test_eps
reads: after the root
"""


def rmsnorm(x, eps=1e-5):
    return x / ((x * x).mean(-1, keepdim=True).sqrt() + eps)
