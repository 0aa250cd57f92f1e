"""The rate has to arrive at 0.

caught by: test_linear_decay
reads: the last rate is lr / num_steps
"""


def linear_decay(lr, step, num_steps):
    return lr * (1 - (step + 1) / num_steps)
