"""A point on the border belongs to the left.

caught by: test_probability_zero
"""


def sample(logits, temperature, generator=None):
    if temperature < 0:
        raise ValueError(f"temperature {temperature}")
    if temperature == 0:
        return int((logits == logits.max()).nonzero()[0])
    borders = softmax(logits / temperature).cumsum(0)
    u = torch.rand((), dtype=borders.dtype, generator=generator) * borders[-1]
    return int((u > borders).sum())
