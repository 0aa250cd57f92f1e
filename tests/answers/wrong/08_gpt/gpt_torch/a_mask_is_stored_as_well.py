"""Whatever the model needs is registered.

caught by: test_parameters_of_the_module
reads: and nothing else
"""


class GPT(torch.nn.Module):
    def __init__(self, vocab_size, n_embd=16, n_head=4, n_layer=1, block_size=16, generator=None):
        super().__init__()
        self.n_head = n_head
        self.names = []
        self.register_buffer("mask", torch.ones(block_size, block_size).tril())
        for name, tensor in init_state(vocab_size, n_embd, n_layer, block_size, generator=generator).items():
            self.names.append(name)
            self.register_parameter(name.replace(".", "_"), torch.nn.Parameter(tensor.detach()))

    def forward(self, tokens):
        return gpt({name: getattr(self, name.replace(".", "_")) for name in self.names}, tokens, self.n_head)
