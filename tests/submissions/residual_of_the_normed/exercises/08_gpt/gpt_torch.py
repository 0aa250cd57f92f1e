import torch
from attention_torch import attention
from embedding_torch import embed, init_state
from layers_torch import linear, rmsnorm
from torch.nn import Module, Parameter


def mlp(x, fc1, fc2):
    return linear(linear(x, fc1).relu(), fc2)


def gpt(state, tokens, n_head=4):
    x = embed(state, tokens)
    for i in range(len([name for name in state if name.endswith("mlp_fc1")])):
        x = rmsnorm(x)
        x = x + attention(x, *[state[f"layer{i}.attn_w{w}"] for w in "qkvo"], n_head)
        x = rmsnorm(x)
        x = x + mlp(x, state[f"layer{i}.mlp_fc1"], state[f"layer{i}.mlp_fc2"])
    return linear(x, state["lm_head"])


class GPT(Module):
    def __init__(self, vocab_size, n_embd=16, n_head=4, n_layer=1, block_size=16, generator=None):
        super().__init__()
        self.n_head = n_head
        self.table = {}  # name in the state: name in the module
        for name, matrix in init_state(vocab_size, n_embd, n_layer, block_size, generator=generator).items():
            self.table[name] = name.replace(".", "_")
            setattr(self, self.table[name], Parameter(matrix.detach()))

    def forward(self, tokens):
        return gpt({name: getattr(self, own) for name, own in self.table.items()}, tokens, self.n_head)
