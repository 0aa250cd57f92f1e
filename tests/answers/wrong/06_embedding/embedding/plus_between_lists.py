"""+ adds two rows of numbers.

caught by: test_embed
reads: one behind the other
"""


def embed(state, token_id, pos_id):
    for name, i in (("wte", token_id), ("wpe", pos_id)):
        if not 0 <= i < len(state[name]):
            raise IndexError(f"{name} has no row {i}")
    return state["wte"][token_id] + state["wpe"][pos_id]
