"""torch.rand draws a random number.

caught by: test_the_generator
reads: is the given one used
by chance: yes
"""


def sample(logits, temperature, generator=None):
    if temperature < 0:
        raise ValueError(f"temperature {temperature}")
    if temperature == 0:
        return int((logits == logits.max()).nonzero()[0])
    borders = softmax(logits / temperature).cumsum(0)
    u = torch.rand((), dtype=borders.dtype) * borders[-1]
    return int((u >= borders).sum())
