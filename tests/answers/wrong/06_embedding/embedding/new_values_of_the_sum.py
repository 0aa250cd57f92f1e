"""What counts in a sum is its number.

caught by: test_gradients_of_embed
reads: nothing arrives
"""


def embed(state, token_id, pos_id):
    for name, i in (("wte", token_id), ("wpe", pos_id)):
        if not 0 <= i < len(state[name]):
            raise IndexError(f"{name} has no row {i}")
    return [Value(t.data + p.data) for t, p in zip(state["wte"][token_id], state["wpe"][pos_id])]
