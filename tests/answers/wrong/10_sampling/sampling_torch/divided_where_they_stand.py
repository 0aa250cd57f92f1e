"""logits are done with after softmax.

caught by: test_inputs_and_settings
reads: the logits afterwards
"""


def sample(logits, temperature, generator=None):
    if temperature < 0:
        raise ValueError(f"temperature {temperature}")
    if temperature == 0:
        return int((logits == logits.max()).nonzero()[0])
    logits /= temperature
    borders = softmax(logits).cumsum(0)
    u = torch.rand((), dtype=borders.dtype, generator=generator) * borders[-1]
    return int((u >= borders).sum())
