# my solution of step 1

import math


class Value:
    def __init__(self, data, children=(), local_grads=()):
        self.data = float(data)
        self.grad = 0
        list_of_children = []
        for child in children:
            list_of_children.append(child)
        self._children = tuple(list_of_children)
        list_of_grads = []
        for number in local_grads:
            list_of_grads.append(float(number))
        self._local_grads = tuple(list_of_grads)

    def __add__(self, other):
        # if the other one is a number I make it a Value first
        if type(other) == int or type(other) == float:
            other_value = Value(other)
        else:
            other_value = other
        sum_of_both = self.data + other_value.data
        result = Value(sum_of_both, (self, other_value), (1, 1))
        return result

    def __mul__(self, other):
        if type(other) == int or type(other) == float:
            other_value = Value(other)
        else:
            other_value = other
        product = self.data * other_value.data
        slope_of_self = other_value.data
        slope_of_other = self.data
        result = Value(product, (self, other_value), (slope_of_self, slope_of_other))
        return result

    def __pow__(self, exponent):
        if isinstance(exponent, Value):
            raise TypeError("a Value cannot be an exponent")
        if not isinstance(exponent, int) and not isinstance(exponent, float):
            raise TypeError("the exponent must be a number")
        if exponent == 0:
            return Value(1, (self,), (0,))
        power = self.data**exponent
        one_less = self.data ** (exponent - 1)
        slope = exponent * one_less
        return Value(power, (self,), (slope,))

    def log(self):
        if self.data <= 0:
            raise ValueError("the logarithm needs a positive number, got " + str(self.data))
        logarithm = math.log(self.data)
        slope = 1.0 / self.data
        return Value(logarithm, (self,), (slope,))

    def exp(self):
        e_to_the_x = math.exp(self.data)
        return Value(e_to_the_x, (self,), (e_to_the_x,))

    def relu(self):
        if self.data > 0:
            return Value(self.data, (self,), (1,))
        else:
            return Value(0, (self,), (0,))

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + -other

    def __truediv__(self, other):
        return self * (other**-1)

    def __radd__(self, other):
        return self + other

    def __rsub__(self, other):
        return -self + other

    def __rmul__(self, other):
        return self * other

    def __rtruediv__(self, other):
        return self**-1 * other

    def __repr__(self):
        return f"Value(data={self.data}, grad={self.grad})"
