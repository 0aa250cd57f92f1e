from layers import linear
from softmax import softmax


def split(vector, n_head):
    """A vector in n_head parts of equal length."""
    if len(vector) % n_head:
        raise ValueError(f"cannot split {len(vector)} numbers in {n_head}")
    d = len(vector) // n_head
    return [vector[i : i + d] for i in range(0, len(vector), d)]


def one_head(q, keys, values):
    d = len(q)
    scores = linear([q_i / d**0.5 for q_i in q], keys)
    return linear(softmax(scores), [list(column) for column in zip(*values)])


def attention(x, keys, values, wq, wk, wv, wo, n_head=4):
    keys.append(linear(x, wk))
    values.append(linear(x, wv))
    parts = [split(vector, n_head) for vector in [linear(x, wq), *keys, *values]]
    n = len(keys)
    joined = []
    for h in range(n_head):
        q, *rest = [part[h] for part in parts]
        joined += one_head(q, rest[:n], rest[n:])
    return linear(joined, wo)
