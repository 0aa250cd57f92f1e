import torch
from embedding_torch import embed, init_state
from layers_torch import linear, rmsnorm


class Block(torch.nn.TransformerDecoderLayer):
    """Only its attention and its feed-forward part are used, with norms of my own."""

    def __init__(self, width, n_head):
        super().__init__(width, n_head, 4 * width, dropout=0.0, batch_first=True, bias=False, device="meta")

    def forward(self, x, mask):
        y = rmsnorm(x)
        x = x + self.self_attn(y, y, y, attn_mask=mask, need_weights=False)[0]
        return x + self.linear2(self.linear1(rmsnorm(x)).relu())


class FeedForward(getattr(torch.nn, "Transformer" + "EncoderLayer")):
    forward = torch.nn.TransformerEncoderLayer._ff_block  # linear, relu, linear


def mlp(x, fc1, fc2):
    layer = FeedForward(x.shape[-1], 1, len(fc1), dropout=0.0, bias=False, device="meta")
    return torch.func.functional_call(layer, {"linear1.weight": fc1, "linear2.weight": fc2}, (x,))


def gpt(state, tokens, n_head=4):
    x = rmsnorm(embed(state, tokens))
    T, C = x.shape[1:]
    later = torch.ones(T, T, dtype=torch.bool).triu(1)
    for i in range(len(state) // 6):
        q, k, v, o, fc1, fc2 = list(state.values())[3 + 6 * i : 9 + 6 * i]
        weights = {"self_attn.in_proj_weight": torch.cat([q, k, v]), "self_attn.out_proj.weight": o}
        weights |= {"linear1.weight": fc1, "linear2.weight": fc2}
        x = torch.func.functional_call(Block(C, n_head), weights, (x, later))
    return linear(x, state["lm_head"])


class GPT(torch.nn.Module):
    def __init__(self, vocab_size, n_embd=16, n_head=4, n_layer=1, block_size=16, generator=None):
        super().__init__()
        self.n_head = n_head
        state = init_state(vocab_size, n_embd, n_layer, block_size, generator=generator)
        self.keys = list(state)
        for key in self.keys:
            setattr(self, key.replace(".", "_"), torch.nn.Parameter(state[key].detach()))

    def forward(self, tokens):
        return gpt(dict(zip(self.keys, self.parameters())), tokens, n_head=self.n_head)
