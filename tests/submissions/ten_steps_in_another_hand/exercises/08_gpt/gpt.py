import embedding
from attention import attention
from layers import linear, rmsnorm


def mlp(x, fc1, fc2):
    hidden = linear(x, fc1)
    for i, h in enumerate(hidden):
        hidden[i] = h.relu()
    return linear(hidden, fc2)


def residual(function):
    """x -> x + function(rmsnorm(x))"""

    def apply(x):
        return [old + new for old, new in zip(x, function(rmsnorm(x)))]

    return apply


def blocks(state, keys, values, n_head):
    """The two halves of each layer."""
    for i, (k, v) in enumerate(zip(keys, values)):
        layer = {name.split(".")[1]: matrix for name, matrix in state.items() if name.startswith(f"layer{i}.")}
        attn = [layer["attn_w" + letter] for letter in "qkvo"]
        yield residual(lambda x, k=k, v=v, attn=attn: attention(x, k, v, *attn, n_head=n_head))
        yield residual(lambda x, layer=layer: mlp(x, layer["mlp_fc1"], layer["mlp_fc2"]))


def gpt(state, token_id, pos_id, keys, values, n_head=4):
    x = rmsnorm(embedding.embed(state, token_id, pos_id))
    for block in blocks(state, keys, values, n_head):
        x = block(x)
    return linear(x, state["lm_head"])
