"""Letters learn, and the numbers of the positions are constants beside them.

caught by: test_gradients
reads: no gradient reaches wpe
"""


def embed(state, tokens):
    n = tokens.shape[1]
    if n > len(state["wpe"]):
        raise IndexError(f"{n} positions are too many")
    if ((tokens < 0) | (tokens >= len(state["wte"]))).any():
        raise IndexError("a token is outside the rows of wte")
    return state["wte"][tokens] + state["wpe"].detach()[:n]
