"""Scores are divided by the number of numbers.

caught by: test_scores_are_scaled
reads: the root of the width
"""


def attention(x, keys, values, wq, wk, wv, wo, n_head=4):
    if len(x) % n_head:
        raise ValueError(f"{len(x)} numbers, {n_head} heads")
    d = len(x) // n_head
    q = linear(x, wq)
    keys.append(linear(x, wk))
    values.append(linear(x, wv))
    joined = []
    for h in range(n_head):
        part = slice(h * d, (h + 1) * d)
        scores = [dot(q[part], k[part]) / d for k in keys]
        weights = softmax(scores)
        for i in range(h * d, (h + 1) * d):
            joined.append(dot(weights, [v[i] for v in values]))
    return linear(joined, wo)


def dot(a, b):
    products = [x * y for x, y in zip(a, b)]
    return sum(products[1:], products[0])
