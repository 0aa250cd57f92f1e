"""Initial numbers are random, so any will do.

caught by: test_initial_numbers_of_the_module
reads: against init_state
"""


class GPT(torch.nn.Module):
    def __init__(self, vocab_size, n_embd=16, n_head=4, n_layer=1, block_size=16, generator=None):
        super().__init__()
        self.n_head = n_head
        self.names = []
        for name, tensor in init_state(vocab_size, n_embd, n_layer, block_size, generator=generator).items():
            self.names.append(name)
            self.register_parameter(
                name.replace(".", "_"),
                torch.nn.Parameter(0.08 * torch.randn(tensor.shape, generator=generator) + 0.001),
            )

    def forward(self, tokens):
        return gpt({name: getattr(self, name.replace(".", "_")) for name in self.names}, tokens, self.n_head)
