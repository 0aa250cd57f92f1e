from value import Value


def linear(x: list[Value], w: list[list[Value]]) -> list[Value]:
    out = []
    for row in w:
        if len(row) != len(x):
            raise ValueError("len(row) != len(x)")
        total = row[0] * x[0]
        for i in range(1, len(x)):
            total += row[i] * x[i]
        out.append(total)
    return out


def rmsnorm(x: list[Value], eps: float = 1e-5) -> list[Value]:
    ms = Value(0.0)
    for xi in x:
        ms = ms + xi**2
    rms = (ms / len(x)) ** 0.5
    return [xi / (rms + eps) for xi in x]
