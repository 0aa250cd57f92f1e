"""The position is the row of wte, and the token that of wpe.

caught by: test_embed, test_gradients_of_embed
reads: which id belongs to which table
"""


def embed(state, token_id, pos_id):
    if not (0 <= token_id < len(state["wte"]) and 0 <= pos_id < len(state["wpe"])):
        raise IndexError("an id is outside its table")
    return [t + p for t, p in zip(state["wte"][pos_id], state["wpe"][token_id])]
