from math import sqrt

from layers import linear
from softmax import softmax


def attention(x, keys, values, wq, wk, wv, wo, n_head=4):
    if len(x) % n_head > 0:
        raise ValueError(f"len(x) = {len(x)}, n_head = {n_head}")
    keys.append(linear(x, wk))
    values.append(linear(x, wv))
    q = linear(x, wq)
    joined = []
    for h in range(n_head):
        numbers = slice(h, None, n_head)  # h, h + n_head, h + 2 n_head, ...
        d = len(q[numbers])
        a = softmax([sum(qi * ki for qi, ki in zip(q[numbers], key[numbers])) / sqrt(d) for key in keys])
        columns = zip(*(value[numbers] for value in values))
        joined += [sum(a_t * v for a_t, v in zip(a, column)) for column in columns]
    return linear(joined, wo)
