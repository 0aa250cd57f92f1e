from layers import linear
from softmax import softmax
from value import Value


def dot(a: list[Value], b: list[Value]) -> Value:
    return sum(x * y for x, y in zip(a, b))


def attention(x, keys, values, wq, wk, wv, wo, n_head=4):
    head_dim, rest = divmod(len(x), n_head)
    if rest != 0:
        raise ValueError("n_head does not divide n_embd")
    q, k, v = linear(x, wq), linear(x, wk), linear(x, wv)
    keys.append(k)
    values.append(v)
    x_attn = []
    for h in range(n_head):
        hs = h * head_dim
        q_h = q[hs : hs + head_dim]
        k_h = [ki[hs : hs + head_dim] for ki in keys]
        v_h = [vi[hs : hs + head_dim] for vi in values]
        attn_weights = softmax([dot(q_h, k) for k in k_h])
        x_attn.extend(dot(attn_weights, [v[j] for v in v_h]) for j in range(head_dim))
    return linear(x_attn, wo)
