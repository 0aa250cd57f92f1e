"""Where a token stands is a number, and can be added as it is.

caught by: test_embed, test_gradients_of_embed
reads: add its row of wpe, not the id
"""


def embed(state, token_id, pos_id):
    for name, i in (("wte", token_id), ("wpe", pos_id)):
        if not 0 <= i < len(state[name]):
            raise IndexError(f"{name} has no row {i}")
    return [t + pos_id for t in state["wte"][token_id]]
