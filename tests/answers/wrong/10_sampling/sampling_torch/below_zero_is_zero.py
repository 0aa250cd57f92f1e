"""Below 0 it cannot get colder than at 0.

caught by: test_negative_temperatures
reads: must raise ValueError; it returned
"""


def sample(logits, temperature, generator=None):
    if temperature <= 0:
        return int((logits == logits.max()).nonzero()[0])
    borders = softmax(logits / temperature).cumsum(0)
    u = torch.rand((), dtype=borders.dtype, generator=generator) * borders[-1]
    return int((u >= borders).sum())
