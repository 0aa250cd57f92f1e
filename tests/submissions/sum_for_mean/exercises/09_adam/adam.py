import backward as step02
from embedding import parameters
from gpt import gpt
from softmax import cross_entropy


class Moments:
    """Running averages of one parameter's gradient and of its square."""

    def __init__(self, b1, b2):
        self.b1, self.b2 = b1, b2
        self.m = self.v = 0.0
        self.t = 0

    def update(self, g):
        self.t += 1
        self.m = self.b1 * self.m + (1 - self.b1) * g
        self.v = self.b2 * self.v + (1 - self.b2) * g * g
        return self.m / (1 - self.b1**self.t), self.v / (1 - self.b2**self.t)


class Adam:
    def __init__(self, params, lr=0.01, betas=(0.85, 0.99), eps=1e-8):
        self.lr, self.eps = lr, eps
        self.pairs = [(p, Moments(*betas)) for p in params]

    def step(self, lr=None):
        for p, moments in self.pairs:
            m, v = moments.update(p.grad)
            p.data -= (self.lr if lr is None else lr) * m / (v**0.5 + self.eps)

    def zero_grad(self):
        for p, _ in self.pairs:
            p.grad = 0.0


def linear_decay(lr, step, num_steps):
    return lr * (1.0 - step / num_steps)


def doc_loss(state, tokens, n_head=4):
    n_layer = len([k for k in state if k.endswith("attn_wo")])
    keys = [[] for _ in range(n_layer)]
    values = [[] for _ in range(n_layer)]
    loss = 0.0
    for pos in range(min(len(state["wpe"]), len(tokens) - 1)):
        loss += cross_entropy(gpt(state, tokens[pos], pos, keys, values, n_head), tokens[pos + 1])
    return loss


def train(state, docs, tokenizer, num_steps, lr=0.01, on_step=None):
    adam, losses = Adam(parameters(state), lr), []
    for step in range(num_steps):
        loss = doc_loss(state, tokenizer.encode(docs[step % len(docs)]))
        adam.zero_grad()
        step02.backward(loss)
        adam.step(linear_decay(lr, step, num_steps))
        losses.append(loss.data)
        if on_step is not None:
            on_step(step, loss.data)
    return losses
