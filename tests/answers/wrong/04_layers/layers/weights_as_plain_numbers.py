"""A weight is a number to multiply by.

caught by: test_gradients_of_linear
reads: no gradient reaches the weights
"""


def linear(x, w):
    if any(len(row) != len(x) for row in w):
        raise ValueError(f"a row of w does not have {len(x)} numbers")
    outputs = []
    for row in w:
        products = [x_i * w_i.data for w_i, x_i in zip(row, x)]
        outputs.append(sum(products[1:], products[0]))
    return outputs
