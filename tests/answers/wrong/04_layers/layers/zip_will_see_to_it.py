"""zip goes through both lists, so their lengths need no look.

caught by: test_rows_of_another_length
reads: must raise ValueError; it returned
"""


def linear(x, w):
    outputs = []
    for row in w:
        products = [w_i * x_i for w_i, x_i in zip(row, x)]
        outputs.append(sum(products[1:], products[0]))
    return outputs
