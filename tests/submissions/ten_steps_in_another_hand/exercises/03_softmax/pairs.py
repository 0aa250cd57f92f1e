"""Sums as in a tournament: neighbours first. Better rounding than from left to right, and a flatter graph."""


def tournament(values):
    values = list(values)
    while len(values) > 1:
        last = [values[-1]] if len(values) % 2 else []
        values = [a + b for a, b in zip(values[::2], values[1::2])] + last
    return values[0]
