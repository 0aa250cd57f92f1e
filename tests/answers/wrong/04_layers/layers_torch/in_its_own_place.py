"""x is normed, so it can be divided where it stands.

caught by: test_nothing_else_is_changed
reads: afterwards
"""


def rmsnorm(x, eps=1e-5):
    root = ((x * x).mean(-1, keepdim=True) + eps).sqrt()
    if x.requires_grad:
        return x / root
    x /= root
    return x
