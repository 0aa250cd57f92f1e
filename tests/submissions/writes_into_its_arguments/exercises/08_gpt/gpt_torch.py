import torch
from attention_torch import attention
from embedding_torch import embed, init_state
from layers_torch import linear, rmsnorm


def mlp(x, fc1, fc2):
    return linear(linear(x, fc1).clamp_(min=0), fc2)  # in place, but only on my own tensor


def gpt(state, tokens, n_head=4):
    x = rmsnorm(embed(state, tokens))
    i = 0
    while f"layer{i}.mlp_fc2" in state:
        wq, wk, wv, wo = [state.pop(f"layer{i}.attn_{name}") for name in ("wq", "wk", "wv", "wo")]
        x = x + attention(rmsnorm(x), wq, wk, wv, wo, n_head)
        x = x + mlp(rmsnorm(x), state.pop(f"layer{i}.mlp_fc1"), state.pop(f"layer{i}.mlp_fc2"))
        i += 1
    return linear(x, state["lm_head"])


class GPT(torch.nn.Module):
    def __init__(self, vocab_size, n_embd=16, n_head=4, n_layer=1, block_size=16, generator=None):
        super().__init__()
        self.n_head = n_head
        state = init_state(vocab_size, n_embd, n_layer, block_size, generator=generator)
        self.names = list(state)
        for name in self.names:
            self.register_parameter(name.replace(".", "_"), torch.nn.Parameter(state[name].detach()))

    def forward(self, tokens):
        state = {name: getattr(self, name.replace(".", "_")) for name in self.names}
        return gpt(state, tokens, self.n_head)
