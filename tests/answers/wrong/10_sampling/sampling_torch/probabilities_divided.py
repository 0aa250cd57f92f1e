"""The temperature divides the probabilities.

caught by: test_how_often_when_cold
reads: at a temperature of 1
"""


def sample(logits, temperature, generator=None):
    if temperature < 0:
        raise ValueError(f"temperature {temperature}")
    if temperature == 0:
        return int((logits == logits.max()).nonzero()[0])
    borders = (softmax(logits) / temperature).cumsum(0)
    u = torch.rand((), dtype=borders.dtype, generator=generator) * borders[-1]
    return int((u >= borders).sum())
