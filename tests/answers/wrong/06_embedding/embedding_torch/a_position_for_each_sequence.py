"""The first dimension of tokens counts the positions.

caught by: test_positions_belong_to_the_sequence
reads: which dimension is T?
"""


def embed(state, tokens):
    n = tokens.shape[1]
    if n > len(state["wpe"]):
        raise IndexError(f"{n} positions are too many")
    if ((tokens < 0) | (tokens >= len(state["wte"]))).any():
        raise IndexError("a token is outside the rows of wte")
    positions = torch.arange(tokens.shape[0]) % len(state["wpe"])
    return state["wte"][tokens] + state["wpe"][positions].unsqueeze(1)
