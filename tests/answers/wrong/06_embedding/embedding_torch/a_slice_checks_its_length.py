"""A slice that is longer than the table is an error by itself.

caught by: test_too_many_positions
reads: it raised RuntimeError: The size of tensor a (5) must match
"""


def embed(state, tokens):
    if ((tokens < 0) | (tokens >= len(state["wte"]))).any():
        raise IndexError("a token is outside the rows of wte")
    return state["wte"][tokens] + state["wpe"][: tokens.shape[1]]
