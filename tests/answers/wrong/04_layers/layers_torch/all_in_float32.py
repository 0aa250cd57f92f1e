"""Numbers in a network are float32.

caught by: test_dtypes
reads: float64 belongs there
"""


def rmsnorm(x, eps=1e-5):
    return (x.float() * ((x.float() ** 2).mean(-1, keepdim=True) + eps).rsqrt()).float()
