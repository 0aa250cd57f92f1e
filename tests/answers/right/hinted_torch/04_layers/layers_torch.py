"""Step 04 on tensors, written along the hints."""


def linear(x, w):
    if x.shape[-1] != w.shape[-1]:
        raise ValueError("the rows do not fit")
    turned = w.T
    return x @ turned


def rmsnorm(x, eps=1e-5):
    size = ((x**2).mean(dim=-1, keepdim=True) + eps) ** 0.5
    return x / size
