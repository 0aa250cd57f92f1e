"""Both ids are ids of tokens, and lie below the size of the vocabulary.

caught by: test_embed, test_ids_outside_their_tables
reads: by the length of which table
"""


def embed(state, token_id, pos_id):
    for i in (token_id, pos_id):
        if not 0 <= i < len(state["wte"]):
            raise IndexError(f"there is no row {i}")
    return [t + p for t, p in zip(state["wte"][token_id], state["wpe"][pos_id])]
