import torch
from attention_torch import attention
from embedding_torch import embed, init_state
from layers_torch import linear, rmsnorm


def mlp(x, fc1, fc2):
    return linear(linear(x, fc1).relu(), fc2)


def gpt(state, tokens, n_head=4):
    x = rmsnorm(embed(state, tokens))
    for i in range((len(state) - 3) // 6):
        w = {name.split(".")[1]: m for name, m in state.items() if name.startswith(f"layer{i}.")}
        x = x + attention(rmsnorm(x), w["attn_wq"], w["attn_wk"], w["attn_wv"], w["attn_wo"], n_head)
        x = x + mlp(rmsnorm(x), w["mlp_fc1"], w["mlp_fc2"])
    return linear(x, state["lm_head"])


class GPT(torch.nn.Module):
    def __init__(self, vocab_size, n_embd=16, n_head=4, n_layer=1, block_size=16, generator=None):
        super().__init__()
        self.n_head = n_head
        self.n_layer = n_layer
        for name, matrix in init_state(vocab_size, n_embd, n_layer, block_size, generator=generator).items():
            self.register_parameter(name.replace(".", "_"), torch.nn.Parameter(matrix.detach()))

    def forward(self, tokens):
        state = {"wte": self.wte, "wpe": self.wpe, "lm_head": self.lm_head}
        for i in range(self.n_layer):
            for part in ("attn_wq", "attn_wk", "attn_wv", "attn_wo", "mlp_fc1", "mlp_fc2"):
                state[f"layer{i}.{part}"] = getattr(self, f"layer{i}_{part}")
        return gpt(state, tokens, self.n_head)
