from pairs import tournament

from value import Value


class Dot:
    """The dot product with one fixed vector."""

    def __init__(self, x):
        self.x = list(x)

    def __call__(self, row):
        if len(row) != len(self.x):
            raise ValueError(f"{len(row)} weights for {len(self.x)} inputs")
        return tournament(x * weight for x, weight in zip(self.x, row))


def linear(x: list[Value], w: list[list[Value]]) -> list[Value]:
    return list(map(Dot(x), w))


def rmsnorm(x: list[Value], eps: float = 1e-5) -> list[Value]:
    n = len(x)
    mean_square = tournament([x_i * x_i * (1 / n) for x_i in x])
    root = (eps + mean_square) ** (1 / 2)
    return [x_i / root for x_i in x]
