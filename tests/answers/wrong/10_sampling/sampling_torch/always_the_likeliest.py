"""The next token is the one with the highest probability.

caught by: test_how_often_when_hot
reads: always the same token
"""


def sample(logits, temperature, generator=None):
    if temperature < 0:
        raise ValueError(f"temperature {temperature}")
    probabilities = softmax(logits / temperature) if temperature else logits
    return int((probabilities == probabilities.max()).nonzero()[0])
