"""The loss is a number, and a tensor of it will do.

caught by: test_gradient_of_the_loss
reads: not connected to the state
"""


def batch_loss(state, inputs, targets, n_head=4):
    logits = gpt(state, inputs, n_head)
    loss = cross_entropy(logits.flatten(0, 1), targets.flatten())
    return torch.tensor(loss.item(), dtype=loss.dtype)
