"""Numbers are dealt out to the heads in turn.

caught by: test_heads_are_slices_joined_in_order
reads: neighbours
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
        part = slice(h, None, n_head)
        scores = [dot(q[part], k[part]) / d**0.5 for k in keys]
        weights = softmax(scores)
        for i in range(h, len(x), n_head):
            joined.append(dot(weights, [v[i] for v in values]))
    return linear(joined, wo)


def dot(a, b):
    products = [x * y for x, y in zip(a, b)]
    return sum(products[1:], products[0])
