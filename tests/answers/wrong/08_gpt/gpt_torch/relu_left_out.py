"""Two linear layers, one after the other, make an MLP.

caught by: test_mlp
reads: relu stands between
"""


def mlp(x, fc1, fc2):
    return linear(linear(x, fc1), fc2)
