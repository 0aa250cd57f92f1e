"""Only the ratios of the exponentials count, so softmax is not needed.

caught by: test_large_logits
reads: exponentiated outside softmax
"""


def sample(logits, temperature, generator=None):
    if temperature < 0:
        raise ValueError(f"temperature {temperature}")
    if temperature == 0:
        return int((logits == logits.max()).nonzero()[0])
    borders = (logits / temperature).exp().cumsum(0)
    u = torch.rand((), dtype=borders.dtype, generator=generator) * borders[-1]
    return int((u >= borders).sum())
