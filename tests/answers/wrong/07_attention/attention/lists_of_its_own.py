"""keys + [key] is the list with the new key.

caught by: test_one_key_and_one_value_are_appended
reads: 1 entry before) holds 1
"""


def attention(x, keys, values, wq, wk, wv, wo, n_head=4):
    if len(x) % n_head:
        raise ValueError(f"{len(x)} numbers, {n_head} heads")
    d = len(x) // n_head
    q = linear(x, wq)
    keys = [*keys, linear(x, wk)]
    values = [*values, linear(x, wv)]
    joined = []
    for h in range(n_head):
        part = slice(h * d, (h + 1) * d)
        scores = [dot(q[part], k[part]) / d**0.5 for k in keys]
        weights = softmax(scores)
        for i in range(h * d, (h + 1) * d):
            joined.append(dot(weights, [v[i] for v in values]))
    return linear(joined, wo)


def dot(a, b):
    products = [x * y for x, y in zip(a, b)]
    return sum(products[1:], products[0])
