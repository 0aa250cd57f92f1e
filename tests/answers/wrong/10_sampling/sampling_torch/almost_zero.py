"""0 is only a very small temperature.

caught by: test_greedy
reads: the first of them
"""


def sample(logits, temperature, generator=None):
    if temperature < 0:
        raise ValueError(f"temperature {temperature}")
    temperature = max(temperature, 1e-8)
    borders = softmax(logits / temperature).cumsum(0)
    u = torch.rand((), dtype=borders.dtype, generator=generator) * borders[-1]
    return int((u >= borders).sum())
