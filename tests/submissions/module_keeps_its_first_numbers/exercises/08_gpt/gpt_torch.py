import torch
from attention_torch import attention
from embedding_torch import embed, init_state
from layers_torch import linear, rmsnorm
from torch import nn


def mlp(x, fc1, fc2):
    return linear(torch.relu(linear(x, fc1)), fc2)


def gpt(state, tokens, n_head=4):
    h = rmsnorm(embed(state, tokens))
    n_layer = max(int(name[5:].split(".")[0]) for name in state if name.startswith("layer")) + 1
    for i in range(n_layer):
        w = {name: state[f"layer{i}.{name}"] for name in ["attn_wq", "attn_wk", "attn_wv", "attn_wo"]}
        h = h + attention(rmsnorm(h), *w.values(), n_head=n_head)
        h = h + mlp(rmsnorm(h), state[f"layer{i}.mlp_fc1"], state[f"layer{i}.mlp_fc2"])
    return linear(h, state["lm_head"])


class GPT(nn.Module):
    def __init__(self, vocab_size, n_embd=16, n_head=4, n_layer=1, block_size=16, generator=None):
        super().__init__()
        self.n_head = n_head
        self.state = init_state(vocab_size, n_embd, n_layer, block_size, generator=generator)
        for name, tensor in self.state.items():
            self.register_parameter(name.replace(".", "_"), nn.Parameter(tensor.detach().clone()))

    def forward(self, tokens):
        return gpt(self.state, tokens, self.n_head)
