"""An optimizer needs the numbers, and new Values hold them as well.

caught by: test_parameters
reads: Adam changes them in place
"""


def parameters(state):
    return [Value(value.data) for matrix in state.values() for row in matrix for value in row]
