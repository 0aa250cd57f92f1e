"""Both tables are indexed with the tokens.

caught by: test_rows_are_added
reads: the tokens choose the rows of wpe too
"""


def embed(state, tokens):
    n = tokens.shape[1]
    if n > len(state["wpe"]):
        raise IndexError(f"{n} positions are too many")
    if ((tokens < 0) | (tokens >= len(state["wte"]))).any():
        raise IndexError("a token is outside the rows of wte")
    return state["wte"][tokens] + state["wpe"][tokens % len(state["wpe"])]
