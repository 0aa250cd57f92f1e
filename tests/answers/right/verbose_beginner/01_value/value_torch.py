# Schritt 1: sechs Rechenarten. Zuerst vorwaerts, dann rueckwaerts.
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function

print("value_torch wird geladen")


class Add(Function):
	"""a + b:  d/da = 1,  d/db = 1."""

	@staticmethod
	def forward(ctx, a, b):
		print("Add vorwaerts", tuple(a.shape), tuple(b.shape))
		ergebnis = a.clone()
		ergebnis += b  # nur unsere Kopie wird veraendert
		return ergebnis

	@staticmethod
	def backward(ctx, grad):
		print("Add rueckwaerts", tuple(grad.shape))
		fuer_a = grad.clone()
		fuer_b = grad.clone()
		return fuer_a, fuer_b


class Mul(Function):
	"""a * b, element by element:  d/da = b,  d/db = a."""

	@staticmethod
	def forward(ctx, a, b):
		print("Mul vorwaerts", tuple(a.shape), tuple(b.shape))
		ctx.save_for_backward(a, b)
		ergebnis = a.clone()
		ergebnis *= b
		return ergebnis

	@staticmethod
	def backward(ctx, grad):
		print("Mul rueckwaerts", tuple(grad.shape))
		gemerkt = ctx.saved_tensors
		a = gemerkt[0]
		b = gemerkt[1]
		fuer_a = None
		fuer_b = None
		# nur ausrechnen, was jemand braucht
		if ctx.needs_input_grad[0] == True:
			fuer_a = b * grad
		if ctx.needs_input_grad[1] == True:
			fuer_b = a * grad
		return fuer_a, fuer_b


class Pow(Function):
	"""x ** n:  d/dx = n x^(n-1), and x ** 0 is 1 with slope 0."""

	@staticmethod
	def forward(ctx, x, n):
		print("Pow vorwaerts", tuple(x.shape), n)
		if type(n) == int:
			pass
		elif type(n) == float:
			pass
		else:
			raise TypeError("n muss eine Zahl sein!")
		ctx.save_for_backward(x)
		ctx.n = n
		if n == 0:
			return torch.ones_like(x)
		if n == 1:
			return x.clone()
		if n == 2:
			return x * x
		return x ** n

	@staticmethod
	def backward(ctx, grad):
		print("Pow rueckwaerts", tuple(grad.shape))
		x = ctx.saved_tensors[0]
		n = ctx.n
		if n == 0:
			steigung = 0 * x
		elif n == 1:
			steigung = torch.ones_like(x)
		elif n == 2:
			steigung = x + x
		else:
			steigung = n * x ** (n - 1)
		return steigung * grad, None


class Log(Function):
	"""ln x:  d/dx = 1/x."""

	@staticmethod
	def forward(ctx, x):
		print("Log vorwaerts", tuple(x.shape))
		# jede Zahl einzeln ansehen
		for zahl in x.flatten().tolist():
			if zahl <= 0:
				raise ValueError("von " + str(zahl) + " gibt es keinen Logarithmus")
		ctx.save_for_backward(x)
		return torch.log(x)

	@staticmethod
	def backward(ctx, grad):
		print("Log rueckwaerts", tuple(grad.shape))
		(x,) = ctx.saved_tensors
		steigung = 1.0 / x
		return grad * steigung


class Exp(Function):
	"""e^x:  d/dx = e^x, which is the result itself."""

	@staticmethod
	def forward(ctx, x):
		print("Exp vorwaerts", tuple(x.shape))
		ergebnis = torch.exp(x)
		ctx.ergebnis = ergebnis.clone()
		return ergebnis

	@staticmethod
	def backward(ctx, grad):
		print("Exp rueckwaerts", tuple(grad.shape))
		return ctx.ergebnis * grad


class Relu(Function):
	"""max(0, x):  d/dx = 1 where x > 0, else 0."""

	@staticmethod
	def forward(ctx, x):
		print("Relu vorwaerts", tuple(x.shape))
		ctx.positiv = x > 0
		ergebnis = x.clone()
		ergebnis[~ctx.positiv] = 0
		return ergebnis

	@staticmethod
	def backward(ctx, grad):
		print("Relu rueckwaerts", tuple(grad.shape))
		weiter = torch.zeros_like(grad)
		weiter[ctx.positiv] = grad[ctx.positiv]
		return weiter
