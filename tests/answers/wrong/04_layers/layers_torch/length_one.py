"""A norm divides by the length of the vector.

caught by: test_vectors_are_normed
reads: not of their sum
"""


def rmsnorm(x, eps=1e-5):
    return x / (x.norm(dim=-1, keepdim=True) ** 2 + eps).sqrt()
