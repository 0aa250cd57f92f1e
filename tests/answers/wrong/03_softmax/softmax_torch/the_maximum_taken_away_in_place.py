"""x -= m is x - m.

caught by: test_dtypes_and_inputs
"""


def softmax(x, dim=-1):
    if x.shape[dim] == 0:
        raise ValueError("nothing to share out")
    if x.requires_grad:
        x = x.clone()
    x -= x.detach().amax(dim, keepdim=True)
    exps = x.exp()
    return exps / exps.sum(dim, keepdim=True)
