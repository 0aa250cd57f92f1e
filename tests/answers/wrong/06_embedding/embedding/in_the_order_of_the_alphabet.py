"""Sorted names are an order that is always the same.

caught by: test_parameters
reads: they are the right numbers, in another order
"""


def parameters(state):
    return [value for name in sorted(state) for row in state[name] for value in row]
