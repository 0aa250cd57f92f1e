"""A module keeps its state in a dict.

caught by: test_parameters_of_the_module
reads: does not see
"""


class GPT(torch.nn.Module):
    def __init__(self, vocab_size, n_embd=16, n_head=4, n_layer=1, block_size=16, generator=None):
        super().__init__()
        self.n_head = n_head
        self.state = {}
        for name, tensor in init_state(vocab_size, n_embd, n_layer, block_size, generator=generator).items():
            self.state[name] = torch.nn.Parameter(tensor.detach())

    def forward(self, tokens):
        return gpt(self.state, tokens, self.n_head)
