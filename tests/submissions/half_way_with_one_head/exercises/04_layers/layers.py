from value import Value


def linear(x: list[Value], w: list[list[Value]]) -> list[Value]:
    for row in w:
        if len(row) != len(x):
            raise ValueError("row and x have different lengths")
    return [sum(a * b for a, b in zip(x, row)) for row in w]


def rmsnorm(x: list[Value], eps: float = 1e-5) -> list[Value]:
    ms = sum(a * a for a in x) / len(x)
    return [a * (ms + eps) ** -0.5 for a in x]
