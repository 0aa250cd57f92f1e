"""Two linear layers, one after the other, make an MLP.

caught by: test_mlp
reads: relu stands between
"""


def mlp(x, fc1, fc2):
    hidden = linear(x, fc1)
    return linear(hidden, fc2)
