"""torch has a function that draws.

caught by: test_how_often_when_hot
reads: torch's own multinomial
"""


def sample(logits, temperature, generator=None):
    if temperature < 0:
        raise ValueError(f"temperature {temperature}")
    if temperature == 0:
        return int((logits == logits.max()).nonzero()[0])
    return int(torch.multinomial(softmax(logits / temperature), 1, generator=generator))
