"""Step 07, written along the hints."""

from layers import linear
from softmax import softmax


def attention(x, keys, values, wq, wk, wv, wo, n_head=4):
    if len(x) % n_head:
        raise ValueError(f"{n_head} heads do not fit")
    d = len(x) // n_head
    keys.append(linear(x, wk))
    values.append(linear(x, wv))
    q = linear(x, wq)
    out = []
    for h in range(n_head):
        part = slice(h * d, h * d + d)
        scores = []
        for key in keys:
            dot = sum(a * b for a, b in zip(q[part], key[part]))
            scores.append(dot / d**0.5)
        weights = softmax(scores)
        for i in range(h * d, h * d + d):
            out.append(sum(weight * value[i] for weight, value in zip(weights, values)))
    return linear(out, wo)
