import torch
from attention_torch import attention
from embedding_torch import embed, init_state
from layers_torch import linear, rmsnorm
from torch.nn import Module, Parameter

PARTS = ("attn_wq", "attn_wk", "attn_wv", "attn_wo", "mlp_fc1", "mlp_fc2")


def mlp(x, fc1, fc2):
    hidden = torch.maximum(linear(x, fc1), torch.zeros((), dtype=x.dtype))
    return linear(hidden, fc2)


def block(x, weights, n_head):
    *attn, fc1, fc2 = weights
    x = torch.add(x, attention(rmsnorm(x), *attn, n_head=n_head))
    return torch.add(x, mlp(rmsnorm(x), fc1, fc2))


def gpt(state, tokens, n_head=4):
    x = rmsnorm(embed(state, tokens))
    i = 0
    while f"layer{i}.attn_wq" in state:
        x = block(x, [state[f"layer{i}.{part}"] for part in PARTS], n_head)
        i += 1
    return linear(x, state["lm_head"])


class GPT(Module):
    def __init__(self, vocab_size, n_embd=16, n_head=4, n_layer=1, block_size=16, generator=None):
        super().__init__()
        self.n_head = n_head
        fresh = init_state(vocab_size, n_embd=n_embd, n_layer=n_layer, block_size=block_size, generator=generator)
        for name in fresh:
            setattr(self, name.replace(".", "_"), Parameter(fresh[name].data))

    def forward(self, tokens):
        state = {}
        for name, parameter in self.named_parameters():
            layer, _, part = name.partition("_")
            state[f"{layer}.{part}" if layer.startswith("layer") else name] = parameter
        return gpt(state, tokens, n_head=self.n_head)
