import torch
from attention_torch import attention
from embedding_torch import embed, init_state
from layers_torch import linear, rmsnorm


def mlp(x, fc1, fc2):
    h = linear(x, fc1)
    h = torch.where(h > 0, h, 0.0)
    return linear(h, fc2)


def gpt(state, tokens, n_head=4):
    n_layer = (len(state) - 3) // 6
    x = rmsnorm(embed(state, tokens))
    for i in range(n_layer):
        wq, wk, wv, wo, fc1, fc2 = (
            state[f"layer{i}." + w] for w in "attn_wq attn_wk attn_wv attn_wo mlp_fc1 mlp_fc2".split()
        )
        x = attention(rmsnorm(x), wq, wk, wv, wo, n_head) + x
        x = mlp(rmsnorm(x), fc1, fc2) + x
    return linear(x, state["lm_head"])


class GPT(torch.nn.Module):
    def __init__(self, vocab_size, n_embd=16, n_head=4, n_layer=1, block_size=16, generator=None):
        super().__init__()
        self.n_head = n_head
        state = init_state(vocab_size, n_embd, n_layer, block_size, generator=generator)
        self.key = {name: name.replace(".", "_") for name in state}
        for name in state:
            self._parameters[self.key[name]] = torch.nn.Parameter(state[name].detach().clone())

    def forward(self, tokens):
        return gpt({name: self._parameters[key] for name, key in self.key.items()}, tokens, self.n_head)
