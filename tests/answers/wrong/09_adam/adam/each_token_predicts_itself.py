"""The target at a position is the token at that position.

caught by: test_doc_loss
reads: to predict itself
"""


def doc_loss(state, tokens, n_head=4):
    n_layer = sum(name.endswith("attn_wq") for name in state)
    n = min(len(state["wpe"]), len(tokens) - 1)
    keys = [[] for _ in range(n_layer)]
    values = [[] for _ in range(n_layer)]
    losses = []
    for pos_id in range(n):
        logits = gpt(state, tokens[pos_id], pos_id, keys, values, n_head)
        losses.append(cross_entropy(logits, tokens[pos_id]))
    return sum(losses[1:], losses[0]) / n
