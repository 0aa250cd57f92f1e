"""Behind the last position comes the first one again.

caught by: test_ids_outside_their_tables
"""


def embed(state, token_id, pos_id):
    if not 0 <= token_id < len(state["wte"]):
        raise IndexError(f"wte has no row {token_id}")
    return [t + p for t, p in zip(state["wte"][token_id], state["wpe"][pos_id % len(state["wpe"])])]
