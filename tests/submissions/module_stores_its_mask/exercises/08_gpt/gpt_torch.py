import torch
from attention_torch import attention
from embedding_torch import embed, init_state
from layers_torch import linear, rmsnorm


def mlp(x, fc1, fc2):
    x = linear(x, fc1)
    x = x * (x > 0)
    return linear(x, fc2)


def gpt(state, tokens, n_head=4):
    x = rmsnorm(embed(state, tokens))
    layers = sorted({int(name[len("layer") : name.index(".")]) for name in state if "." in name})
    for i in layers:
        p = f"layer{i}."
        att = attention(rmsnorm(x), state[p + "attn_wq"], state[p + "attn_wk"], state[p + "attn_wv"], state[p + "attn_wo"], n_head)
        x = x + att
        x = x + mlp(rmsnorm(x), state[p + "mlp_fc1"], state[p + "mlp_fc2"])
    return linear(x, state["lm_head"])


class GPT(torch.nn.Module):
    def __init__(self, vocab_size, n_embd=16, n_head=4, n_layer=1, block_size=16, generator=None):
        super().__init__()
        self.n_head = n_head
        # as in the tutorials: the mask moves to the GPU along with the model
        self.register_buffer("mask", torch.tril(torch.ones(block_size, block_size)))
        self.original_names = {}
        state = init_state(vocab_size, n_embd=n_embd, n_layer=n_layer, block_size=block_size, generator=generator)
        for name, matrix in state.items():
            new_name = name.replace(".", "_")
            self.original_names[new_name] = name
            setattr(self, new_name, torch.nn.Parameter(matrix.detach()))

    def forward(self, tokens):
        state = {self.original_names[name]: p for name, p in self.named_parameters()}
        return gpt(state, tokens, self.n_head)
