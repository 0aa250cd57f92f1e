"""Step 04, written along the hints."""


def linear(x, w):
    for row in w:
        if len(row) != len(x):
            raise ValueError("a row does not fit")
    result = []
    for row in w:
        total = 0.0
        for weight, number in zip(row, x):
            total = total + weight * number
        result.append(total)
    return result


def rmsnorm(x, eps=1e-5):
    total = 0.0
    for number in x:
        total = total + number * number
    factor = (total / len(x) + eps) ** -0.5
    return [number * factor for number in x]
