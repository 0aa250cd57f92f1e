"""Attention weights are e^score over their sum.

caught by: test_large_scores
reads: step 03
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
        scores = [dot(q[part], k[part]) / d**0.5 for k in keys]
        exps = [score.exp() for score in scores]
        weights = [e / sum(exps[1:], exps[0]) for e in exps]
        for i in range(h * d, (h + 1) * d):
            joined.append(dot(weights, [v[i] for v in values]))
    return linear(joined, wo)


def dot(a, b):
    products = [x * y for x, y in zip(a, b)]
    return sum(products[1:], products[0])
