"""A token's row is looked up once, and the copies need no gradient.

caught by: test_gradients
reads: token 2 stands at three places
"""


def embed(state, tokens):
    n = tokens.shape[1]
    if n > len(state["wpe"]):
        raise IndexError(f"{n} positions are too many")
    if ((tokens < 0) | (tokens >= len(state["wte"]))).any():
        raise IndexError("a token is outside the rows of wte")
    seen, rows = {}, []
    for b in reversed(range(tokens.shape[0])):
        for t in reversed(range(n)):
            token = tokens[b, t].item()
            row = state["wte"][token]
            rows.append(row.detach() if token in seen else row)
            seen[token] = True
    x = torch.stack(rows[::-1]).view(*tokens.shape, -1)
    return x + state["wpe"][:n]
