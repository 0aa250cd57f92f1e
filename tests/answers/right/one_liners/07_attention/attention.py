from layers import dot, linear
from softmax import softmax


def attention(x, keys, values, wq, wk, wv, wo, n_head=4):
    d, rest = divmod(len(x), n_head)
    if rest: raise ValueError(f"{len(x)} / {n_head}")
    q, _, _ = [linear(x, wq)] + [to.append(linear(x, w)) for to, w in ((keys, wk), (values, wv))]
    heads = [slice(h * d, h * d + d) for h in range(n_head)]
    weights = [softmax([dot(q[h], k[h]) * d ** -.5 for k in keys]) for h in heads]
    return linear([dot(a, column) for h, a in zip(heads, weights) for column in zip(*[v[h] for v in values])], wo)
