"""The model has 4 heads.

caught by: test_loss_of_a_batch
reads: n_head
"""


def batch_loss(state, inputs, targets, n_head=4):
    logits = gpt(state, inputs)
    return cross_entropy(logits.flatten(0, 1), targets.flatten())
