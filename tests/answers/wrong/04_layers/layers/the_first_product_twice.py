"""sum needs a Value to start from, and the first product is one.

caught by: test_one_weight, test_weighted_sums
reads: the first product counts twice
"""


def linear(x, w):
    if any(len(row) != len(x) for row in w):
        raise ValueError(f"a row of w does not have {len(x)} numbers")
    outputs = []
    for row in w:
        products = [w_i * x_i for w_i, x_i in zip(row, x)]
        outputs.append(sum(products, products[0]))
    return outputs
