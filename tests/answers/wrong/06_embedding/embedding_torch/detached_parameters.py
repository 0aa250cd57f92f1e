"""Whoever changes parameters wants no graph, and so gets them without one.

caught by: test_parameters
reads: has another tensor, or a copy
"""


def parameters(state):
    return [matrix.detach() for matrix in state.values()]
