"""Right over a right linear()."""

from layers import linear
from softmax import softmax


def attention(x, keys, values, wq, wk, wv, wo, n_head=4):
    if len(x) % n_head:
        raise ValueError("n_head")
    query = linear(x, wq)
    keys.append(linear(x, wk))
    values.append(linear(x, wv))
    d = len(x) // n_head

    result = []
    for h in range(n_head):
        mine = range(h * d, (h + 1) * d)
        scores = [sum(query[i] * key[i] for i in mine) * d**-0.5 for key in keys]
        weights = softmax(scores)
        result += [sum(weights[t] * values[t][i] for t in range(len(keys))) for i in mine]
    return linear(result, wo)
