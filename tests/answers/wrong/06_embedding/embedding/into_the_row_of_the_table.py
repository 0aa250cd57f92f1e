"""The row of the table is at hand, so the position is added to it there.

caught by: test_the_state_is_left_alone
reads: the row of the table has become the sum
"""


def embed(state, token_id, pos_id):
    for name, i in (("wte", token_id), ("wpe", pos_id)):
        if not 0 <= i < len(state[name]):
            raise IndexError(f"{name} has no row {i}")
    row = state["wte"][token_id]
    for i, p in enumerate(state["wpe"][pos_id]):
        row[i] = row[i] + p
    return row
