from backward import backward
from embedding import parameters
from gpt import gpt
from softmax import cross_entropy


class Adam:
    def __init__(self, params, lr=0.01, betas=(0.85, 0.99), eps=1e-8):
        self.params, self.lr, self.betas, self.eps = params, lr, betas, eps
        self.m, self.v, self.t = [0.0 for _ in params], [0.0 for _ in params], 0

    def step(self, lr=None):
        self.t += 1
        beta1, beta2 = self.betas
        rate = lr if lr is not None else self.lr
        for i, p in enumerate(self.params):
            self.m[i] = beta1 * self.m[i] + (1 - beta1) * p.grad
            self.v[i] = beta2 * self.v[i] + (1 - beta2) * p.grad**2
            mhat = self.m[i] / (1 - beta1**self.t)
            vhat = self.v[i] / (1 - beta2**self.t)
            p.data -= rate * mhat / (vhat**0.5 + self.eps)

    def zero_grad(self):
        for p in self.params:
            p.grad = 0.0


def linear_decay(lr, step, num_steps):
    return lr * (1 - step / num_steps)


def doc_loss(state, tokens, n_head=4):
    n_layer = (len(state) - 3) // 6
    keys = [[] for _ in range(n_layer)]
    values = [[] for _ in range(n_layer)]
    losses = []
    for pos in range(len(tokens) - 1):
        logits = gpt(state, tokens[pos], pos, keys, values, n_head)
        losses.append(cross_entropy(logits, tokens[pos + 1]))
    return (1 / len(losses)) * sum(losses)


def train(state, docs, tokenizer, num_steps, lr=0.01, on_step=None):
    params = parameters(state)
    optimizer = Adam(params, lr)
    history = []
    for step in range(num_steps):
        optimizer.zero_grad()
        loss = doc_loss(state, tokenizer.encode(docs[step % len(docs)]))
        backward(loss)
        optimizer.step(linear_decay(lr, step, num_steps))
        history.append(loss.data)
        if on_step is not None:
            on_step(step, history[-1])
    return history
