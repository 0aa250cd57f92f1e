"""The rules, on plain floats: each gives the result and its slopes. A file of my own beside value.py."""

import math


def add(a, b):
    return a + b, 1.0, 1.0


def mul(a, b):
    return a * b, b, a


def power(a, n):
    return a**n, n * a ** (n - 1) if n != 0 else 0.0


def log(a):
    return math.log(a), 1.0 / a


def exp(a):
    y = math.exp(a)
    return y, y


def relu(a):
    return (a, 1.0) if a > 0.0 else (0.0, 0.0)
