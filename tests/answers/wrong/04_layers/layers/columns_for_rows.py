"""A matrix has one column for each output.

caught by: test_weighted_sums
"""


def linear(x, w):
    outputs = []
    for column in zip(*w):
        products = [w_i * x_i for w_i, x_i in zip(column, x)]
        outputs.append(sum(products[1:], products[0]))
    return outputs
