"""What comes out of a tensor is a tensor.

caught by: test_how_often_when_hot
reads: it must return an int
"""


def sample(logits, temperature, generator=None):
    if temperature < 0:
        raise ValueError(f"temperature {temperature}")
    if temperature == 0:
        return int((logits == logits.max()).nonzero()[0])
    borders = softmax(logits / temperature).cumsum(0)
    u = torch.rand((), dtype=borders.dtype, generator=generator) * borders[-1]
    return (u >= borders).sum()
