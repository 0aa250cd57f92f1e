"""The MLP adds its result to x.

caught by: test_mlp
reads: added in gpt
"""


def mlp(x, fc1, fc2):
    hidden = [h.relu() for h in linear(x, fc1)]
    return [a + b for a, b in zip(x, linear(hidden, fc2))]
