"""The list of all parameters is the list of all rows.

caught by: test_parameters
reads: parameters() holds lists
"""


def parameters(state):
    return [row for matrix in state.values() for row in matrix]
