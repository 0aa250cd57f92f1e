# my solution of step 4

from value import Value


def linear(x, w):
    # first look whether all the rows are right
    for row in w:
        if len(row) != len(x):
            raise ValueError("x has " + str(len(x)) + " numbers but a row of w has " + str(len(row)))
    result = []
    for row in w:
        total = Value(0.0)
        i = 0
        while i < len(x):
            total = total + row[i] * x[i]
            i += 1
        result.append(total)
    return result


def rmsnorm(x, eps=1e-5):
    n = len(x)
    total = Value(0.0)
    for number in x:
        total = total + number**2
    mean = total / n
    mean_plus_eps = mean + eps
    root = mean_plus_eps**0.5
    result = []
    for number in x:
        result.append(number / root)
    return result
