import re
from functools import partial, reduce

import torch
from attention_torch import attention
from embedding_torch import embed, init_state
from layers_torch import linear, rmsnorm
from torch import nn
from value_torch import Add, Relu


def compose(*fs):
    """compose(f, g)(x) is g(f(x))."""
    return lambda x: reduce(lambda y, f: f(y), fs, x)


def residual(f):
    return lambda x: Add.apply(x, f(rmsnorm(x)))


def mlp(x, fc1, fc2):
    return compose(partial(linear, w=fc1), Relu.apply, partial(linear, w=fc2))(x)


def layer(state, i, n_head):
    get = lambda *names: [state[f"layer{i}.{name}"] for name in names]
    wq, wk, wv, wo = get("attn_wq", "attn_wk", "attn_wv", "attn_wo")
    fc1, fc2 = get("mlp_fc1", "mlp_fc2")
    return compose(
        residual(partial(attention, wq=wq, wk=wk, wv=wv, wo=wo, n_head=n_head)),
        residual(partial(mlp, fc1=fc1, fc2=fc2)),
    )


def gpt(state, tokens, n_head=4):
    numbers = [int(found[1]) for found in map(re.compile(r"layer(\d+)\.").match, state) if found]
    layers = (layer(state, i, n_head) for i in sorted(set(numbers)))
    return compose(partial(embed, state), rmsnorm, *layers, partial(linear, w=state["lm_head"]))(tokens)


class GPT(nn.Module):
    def __init__(self, vocab_size, n_embd=16, n_head=4, n_layer=1, block_size=16, generator=None):
        super().__init__()
        state = init_state(vocab_size, n_embd, n_layer, block_size, generator=generator)
        self.names = tuple(state)
        self.logits = partial(gpt, n_head=n_head)
        for name, tensor in state.items():
            self.register_parameter(re.sub(r"\.", "_", name), nn.Parameter(tensor.detach()))

    def forward(self, tokens):
        return self.logits(dict(zip(self.names, self.parameters())), tokens)
