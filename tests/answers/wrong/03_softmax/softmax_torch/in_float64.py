"""Exponentials need the digits of float64.

caught by: test_dtypes_and_inputs
reads: torch.float32 belongs there
"""


def softmax(x, dim=-1):
    if x.shape[dim] == 0:
        raise ValueError("nothing to share out")
    x = x.double()
    exps = (x - x.detach().amax(dim, keepdim=True)).exp()
    return exps / exps.sum(dim, keepdim=True)
