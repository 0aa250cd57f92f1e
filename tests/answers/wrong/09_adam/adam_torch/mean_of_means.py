"""The loss of a batch is the mean of the losses of its documents.

caught by: test_loss_of_a_batch
reads: however long its row
"""


def batch_loss(state, inputs, targets, n_head=4):
    logits = gpt(state, inputs, n_head)
    losses = [cross_entropy(row, row_targets) for row, row_targets in zip(logits, targets)]
    return sum(losses) / len(losses)
