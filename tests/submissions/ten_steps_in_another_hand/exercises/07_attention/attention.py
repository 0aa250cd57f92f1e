"""Each head is an object that knows its slice; the value average grows position by position."""

from dataclasses import dataclass

from layers import linear
from softmax import softmax


@dataclass(frozen=True)
class Head:
    start: int
    width: int

    def part(self, vector):
        return vector[self.start : self.start + self.width]

    def score(self, query, key):
        total = 0
        for q, k in zip(self.part(query), self.part(key)):
            total = q * k + total
        return total

    def look(self, query, keys, values):
        weights = softmax([self.score(query, key) for key in keys])
        out = [0] * self.width
        for weight, value in zip(weights, values):
            out = [o + weight * v for o, v in zip(out, self.part(value))]
        return out


def attention(x, keys, values, wq, wk, wv, wo, n_head=4):
    width, left_over = divmod(len(x), n_head)
    if left_over:
        raise ValueError(f"{n_head} heads do not divide {len(x)} numbers")
    query = [q * width**-0.5 for q in linear(x, wq)]  # the scale, put into the query
    keys += [linear(x, wk)]
    values += [linear(x, wv)]
    joined = []
    for h in range(n_head):
        joined.extend(Head(h * width, width).look(query, keys, values))
    return linear(joined, wo)
