"""The tokens of a batch are one long text, and positions are counted through it.

caught by: test_positions_belong_to_the_sequence
reads: positions go on in the second sequence
"""


def embed(state, tokens):
    n = tokens.shape[1]
    if n > len(state["wpe"]):
        raise IndexError(f"{n} positions are too many")
    if ((tokens < 0) | (tokens >= len(state["wte"]))).any():
        raise IndexError("a token is outside the rows of wte")
    positions = torch.arange(tokens.numel()).view(tokens.shape) % len(state["wpe"])
    return state["wte"][tokens] + state["wpe"][positions]
