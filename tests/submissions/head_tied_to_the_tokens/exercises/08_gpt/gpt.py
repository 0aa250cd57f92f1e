import embedding
import layers
from attention import attention


def mlp(x, fc1, fc2):
    up = layers.linear(x, fc1)
    return layers.linear([u.relu() for u in up], fc2)


class Layer:
    def __init__(self, state, i, n_head):
        self.attn = [state[f"layer{i}.attn_w{c}"] for c in "qkvo"]
        self.fc = state[f"layer{i}.mlp_fc1"], state[f"layer{i}.mlp_fc2"]
        self.n_head = n_head

    def forward(self, x, keys, values):
        y = attention(layers.rmsnorm(x), keys, values, *self.attn, n_head=self.n_head)
        x = [a + b for a, b in zip(x, y)]
        y = mlp(layers.rmsnorm(x), *self.fc)
        return [a + b for a, b in zip(x, y)]


def gpt(state, token_id, pos_id, keys, values, n_head=4):
    x = layers.rmsnorm(embedding.embed(state, token_id, pos_id))
    for i, (k, v) in enumerate(zip(keys, values)):
        x = Layer(state, i, n_head).forward(x, k, v)
    return [sum(a * b for a, b in zip(row, x)) for row in state["wte"]]  # how alike x is to each token
