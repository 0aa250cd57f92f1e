from dataclasses import dataclass
from itertools import cycle, islice
from math import sqrt

from backward import backward
from embedding import parameters
from gpt import gpt
from pairs import tournament
from softmax import cross_entropy
from value import Value


@dataclass
class Track:
    """One parameter and its two averages."""

    parameter: Value
    mean: float = 0.0
    square: float = 0.0


class Adam:
    def __init__(self, params, lr=0.01, betas=(0.85, 0.99), eps=1e-8):
        self.tracks = [Track(p) for p in params]
        self.lr, self.eps = lr, eps
        self.beta1, self.beta2 = betas
        self.left1 = self.left2 = 1.0  # b1^t and b2^t

    def step(self, lr=None):
        rate = self.lr if lr is None else lr
        self.left1 *= self.beta1
        self.left2 *= self.beta2
        for track in self.tracks:
            g = track.parameter.grad
            track.mean += (1 - self.beta1) * (g - track.mean)
            track.square += (1 - self.beta2) * (g**2 - track.square)
            down = sqrt(track.square / (1 - self.left2)) + self.eps
            track.parameter.data -= rate / down * track.mean / (1 - self.left1)

    def zero_grad(self):
        for track in self.tracks:
            track.parameter.grad = 0


def linear_decay(lr, step, num_steps):
    return lr * (num_steps - step) / num_steps


def doc_loss(state, tokens, n_head=4):
    layers = {name.partition(".")[0] for name in state if name.startswith("layer")}
    keys, values = ([[] for _ in layers] for _ in "kv")
    losses = []
    for position, (token, target) in enumerate(islice(zip(tokens, tokens[1:]), len(state["wpe"]))):
        logits = gpt(state, token, position, keys, values, n_head=n_head)
        losses.append(cross_entropy(logits, target))
    return tournament(losses) * (1 / len(losses))


def train(state, docs, tokenizer, num_steps, lr=0.01, on_step=None):
    adam = Adam(parameters(state), lr=lr)
    history = []
    for step, doc in zip(range(num_steps), cycle(docs)):
        loss = doc_loss(state, tokenizer.encode(doc))
        adam.zero_grad()
        backward(loss)
        adam.step(linear_decay(lr, step, num_steps))
        history.append(loss.data)
        if on_step:
            on_step(step, loss.data)
    return history
