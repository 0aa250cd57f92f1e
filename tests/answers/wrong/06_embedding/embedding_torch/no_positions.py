"""To embed a token is to look up its row.

caught by: test_rows_are_added
reads: these are the rows of wte alone
"""


def embed(state, tokens):
    n = tokens.shape[1]
    if n > len(state["wpe"]):
        raise IndexError(f"{n} positions are too many")
    if ((tokens < 0) | (tokens >= len(state["wte"]))).any():
        raise IndexError("a token is outside the rows of wte")
    return state["wte"][tokens]
