import torch
from embedding_torch import embed, init_state
from layers_torch import linear, rmsnorm


def mlp(x, fc1, fc2):
    return linear(linear(x, fc1).relu(), fc2)


def gpt(state, tokens, n_head=4):
    x = rmsnorm(embed(state, tokens))
    C = x.shape[-1]
    mask = torch.nn.Transformer.generate_square_subsequent_mask(x.shape[1], dtype=x.dtype)
    i = 0
    while f"layer{i}.attn_wq" in state:
        layer = torch.nn.TransformerEncoderLayer(C, n_head, 4 * C, 0.0, norm_first=True, bias=False, batch_first=True)
        layer = layer.to(x.dtype)
        qkv = [state[f"layer{i}.attn_w{letter}"] for letter in "qkv"]
        weights = {
            "self_attn.in_proj_weight": torch.cat(qkv),
            "self_attn.out_proj.weight": state[f"layer{i}.attn_wo"],
            "linear1.weight": state[f"layer{i}.mlp_fc1"],
            "linear2.weight": state[f"layer{i}.mlp_fc2"],
        }
        x = torch.func.functional_call(layer, weights, (x,), {"src_mask": mask, "is_causal": True})
        i += 1
    return linear(x, state["lm_head"])


class GPT(torch.nn.Module):
    def __init__(self, vocab_size, n_embd=16, n_head=4, n_layer=1, block_size=16, generator=None):
        super().__init__()
        self.n_head = n_head
        self.names = {}
        for name, w in init_state(vocab_size, n_embd, n_layer, block_size, generator=generator).items():
            self.names[name] = name.replace(".", "_")
            self.register_parameter(self.names[name], torch.nn.Parameter(w.detach().clone()))

    def forward(self, tokens):
        return gpt({name: self.get_parameter(own) for name, own in self.names.items()}, tokens, self.n_head)
