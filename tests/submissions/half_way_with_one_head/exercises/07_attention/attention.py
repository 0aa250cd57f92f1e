from layers import linear
from softmax import softmax
from value import Value


def attention(
    x: list[Value],
    keys: list[list[Value]],
    values: list[list[Value]],
    wq: list[list[Value]],
    wk: list[list[Value]],
    wv: list[list[Value]],
    wo: list[list[Value]],
    n_head: int = 4,
) -> list[Value]:
    if n_head != 1:
        raise NotImplementedError("several heads come later")
    q = linear(x, wq)
    k = linear(x, wk)
    v = linear(x, wv)
    keys.append(k)
    values.append(v)
    d = len(x)
    scores = []
    for key in keys:
        scores.append(sum(q[i] * key[i] for i in range(d)) / d**0.5)
    weights = softmax(scores)
    out = []
    for i in range(d):
        out.append(sum(weights[t] * values[t][i] for t in range(len(values))))
    return linear(out, wo)
