"""Where a name is over, the answer is BOS, however long the row.

caught by: test_loss_of_a_batch
reads: the places that are -1
"""


def batch_loss(state, inputs, targets, n_head=4):
    logits = gpt(state, inputs, n_head)
    targets = torch.where(targets == -1, inputs, targets)  # padded with BOS
    return cross_entropy(logits.flatten(0, 1), targets.flatten())
