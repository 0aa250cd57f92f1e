"""A onehot vector is made of floats, and floats are float32.

caught by: test_rows_are_added
reads: to have the same dtype
"""


def embed(state, tokens):
    n = tokens.shape[1]
    if n > len(state["wpe"]):
        raise IndexError(f"{n} positions are too many")
    if ((tokens < 0) | (tokens >= len(state["wte"]))).any():
        raise IndexError("a token is outside the rows of wte")
    onehot = torch.nn.functional.one_hot(tokens, len(state["wte"])).float()
    return onehot @ state["wte"] + state["wpe"][:n]
