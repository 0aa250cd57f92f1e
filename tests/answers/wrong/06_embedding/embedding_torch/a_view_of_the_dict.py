"""state.values() is a list.

caught by: test_parameters
reads: is a dict_values; it must be a list
"""


def parameters(state):
    return state.values()
