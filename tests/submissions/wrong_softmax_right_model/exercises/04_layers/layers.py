def linear(x, w):
    if {len(row) for row in w} != {len(x)}:
        raise ValueError("w does not fit x")
    return [sum(wi * xi for wi, xi in zip(row, x)) for row in w]


def rmsnorm(x, eps=1e-5):
    ms = sum(xi * xi for xi in x) / len(x)
    scale = (ms + eps) ** -0.5
    return [xi * scale for xi in x]
