"""Without a generator, sample makes one.

caught by: test_the_generator
reads: are all the same
"""


def sample(logits, temperature, generator=None):
    if temperature < 0:
        raise ValueError(f"temperature {temperature}")
    if generator is None:
        generator = torch.Generator()
    if temperature == 0:
        return int((logits == logits.max()).nonzero()[0])
    borders = softmax(logits / temperature).cumsum(0)
    u = torch.rand((), dtype=borders.dtype, generator=generator) * borders[-1]
    return int((u >= borders).sum())
