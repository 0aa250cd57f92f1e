"""relu follows every layer.

caught by: test_mlp
reads: outputs may be negative
"""


def mlp(x, fc1, fc2):
    hidden = [h.relu() for h in linear(x, fc1)]
    return [y.relu() for y in linear(hidden, fc2)]
