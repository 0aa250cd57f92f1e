"""Step 08 on tensors, written along the hints."""

import torch
from attention_torch import attention
from embedding_torch import embed, init_state
from layers_torch import linear, rmsnorm
from torch import Tensor


def mlp(x: Tensor, fc1: Tensor, fc2: Tensor) -> Tensor:
    hidden = torch.relu(linear(x, fc1))
    return linear(hidden, fc2)


def gpt(state: dict[str, Tensor], tokens: Tensor, n_head: int = 4) -> Tensor:
    x = rmsnorm(embed(state, tokens))
    layer = 0
    while f"layer{layer}.attn_wq" in state:
        matrices = [
            state[f"layer{layer}.{name}"] for name in ("attn_wq", "attn_wk", "attn_wv", "attn_wo", "mlp_fc1", "mlp_fc2")
        ]
        x = x + attention(rmsnorm(x), *matrices[:4], n_head)
        x = x + mlp(rmsnorm(x), *matrices[4:])
        layer += 1
    return linear(x, state["lm_head"])


class GPT(torch.nn.Module):
    def __init__(self, vocab_size, n_embd=16, n_head=4, n_layer=1, block_size=16, generator=None):
        super().__init__()
        self.n_head = n_head
        state = init_state(vocab_size, n_embd, n_layer, block_size, generator=generator)
        self.names = list(state)
        for name, numbers in state.items():
            setattr(self, name.replace(".", "_"), torch.nn.Parameter(numbers.detach()))

    def forward(self, tokens):
        state = {}
        for name in self.names:
            state[name] = getattr(self, name.replace(".", "_"))
        return gpt(state, tokens, self.n_head)
