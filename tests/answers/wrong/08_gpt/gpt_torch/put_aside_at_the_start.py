"""The state is made once, at the start.

caught by: test_gradients_reach_the_module
reads: does forward use them
"""


class GPT(torch.nn.Module):
    def __init__(self, vocab_size, n_embd=16, n_head=4, n_layer=1, block_size=16, generator=None):
        super().__init__()
        self.n_head = n_head
        self.names = []
        for name, tensor in init_state(vocab_size, n_embd, n_layer, block_size, generator=generator).items():
            self.names.append(name)
            self.register_parameter(name.replace(".", "_"), torch.nn.Parameter(tensor.detach()))
        self.state = {name: getattr(self, name.replace(".", "_")).detach() for name in self.names}

    def forward(self, tokens):
        return gpt(self.state, tokens, self.n_head)
