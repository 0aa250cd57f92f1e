"""F.embedding does the same, and torch has it already.

caught by: test_rows_are_added
reads: torch's own embedding
"""


def embed(state, tokens):
    n = tokens.shape[1]
    if n > len(state["wpe"]):
        raise IndexError(f"{n} positions are too many")
    if ((tokens < 0) | (tokens >= len(state["wte"]))).any():
        raise IndexError("a token is outside the rows of wte")
    return torch.nn.functional.embedding(tokens, state["wte"]) + state["wpe"][:n]
