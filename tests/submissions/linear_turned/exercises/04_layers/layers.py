from value import Value


def transpose(w: list[list[Value]]) -> list[list[Value]]:
    return [list(column) for column in zip(*w)]


def dot(a: list[Value], b: list[Value]) -> Value:
    return sum((x * y for x, y in zip(a[1:], b[1:])), a[0] * b[0])


def linear(x: list[Value], w: list[list[Value]]) -> list[Value]:
    """x times w: one output per column."""
    if len(w) != len(x):
        raise ValueError(f"x has {len(x)} numbers, w has {len(w)} rows")
    return [dot(x, column) for column in transpose(w)]


def rmsnorm(x: list[Value], eps: float = 1e-5) -> list[Value]:
    return [xi / (dot(x, x) / len(x) + eps) ** 0.5 for xi in x]
