"""The MLP adds its result to x.

caught by: test_mlp
reads: added in gpt
"""


def mlp(x, fc1, fc2):
    return x + linear(linear(x, fc1).relu(), fc2)
