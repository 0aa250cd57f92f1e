"""What comes of several inputs is their mean.

caught by: test_weighted_sums
reads: a weighted sum is no mean
"""


def linear(x, w):
    if any(len(row) != len(x) for row in w):
        raise ValueError(f"a row of w does not have {len(x)} numbers")
    outputs = []
    for row in w:
        products = [w_i * x_i for w_i, x_i in zip(row, x)]
        outputs.append(sum(products[1:], products[0]) / len(x))
    return outputs
