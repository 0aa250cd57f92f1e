"""torch has softmax.

caught by: test_probabilities_are_right
reads: torch's own softmax
"""


def softmax(x, dim=-1):
    if x.shape[dim] == 0:
        raise ValueError("nothing to share out")
    return x.softmax(dim)
