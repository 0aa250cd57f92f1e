"""Python raises IndexError for an id that is outside a list.

caught by: test_ids_outside_their_tables
reads: embed(state, -1, 2) must raise IndexError; it returned
"""


def embed(state, token_id, pos_id):
    return [t + p for t, p in zip(state["wte"][token_id], state["wpe"][pos_id])]
