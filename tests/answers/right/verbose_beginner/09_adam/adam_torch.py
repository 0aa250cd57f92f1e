# Schritt 9: lernen
from collections.abc import Callable, Iterable

import torch
from embedding_torch import parameters
from gpt_torch import gpt
from softmax_torch import cross_entropy
from tokenizer_torch import Tokenizer, make_batch
from torch import Tensor


class Adam(torch.optim.Optimizer):
	"""Updates parameters by their gradients, group by group."""

	def __init__(self, params, lr=0.01, betas=(0.85, 0.99), eps=1e-8):
		einstellungen = {}
		einstellungen["lr"] = lr
		einstellungen["betas"] = betas
		einstellungen["eps"] = eps
		super().__init__(params, einstellungen)
		# mein Gedaechtnis: fuer jeden Parameter der Zaehler und die beiden Mittel
		self.zaehler = {}
		self.mittel_g = {}
		self.mittel_gg = {}

	def step(self, lr=None):
		for gruppe in self.param_groups:
			b1 = gruppe["betas"][0]
			b2 = gruppe["betas"][1]
			eps = gruppe["eps"]
			if lr is None:
				rate = gruppe["lr"]
			else:
				rate = lr
			for p in gruppe["params"]:
				if p.grad is None:
					continue
				g = p.grad.detach()
				if p not in self.zaehler:
					self.zaehler[p] = 0
					self.mittel_g[p] = torch.zeros_like(g)
					self.mittel_gg[p] = torch.zeros_like(g)
				self.zaehler[p] += 1
				t = self.zaehler[p]
				m = b1 * self.mittel_g[p] + (1 - b1) * g
				v = b2 * self.mittel_gg[p] + (1 - b2) * g * g
				self.mittel_g[p] = m
				self.mittel_gg[p] = v
				m_dach = m / (1 - b1 ** t)
				v_dach = v / (1 - b2 ** t)
				schritt = rate * m_dach / (v_dach.sqrt() + eps)
				p.data.copy_(p.data - schritt)
		print("ein Schritt von Adam")


def linear_decay(lr, step, num_steps):
	rest = num_steps - step
	return lr / num_steps * rest


def batch_loss(state, inputs, targets, n_head=4):
	logits = gpt(state, inputs, n_head)
	# die Stellen aller Namen hintereinander
	zeilen = []
	ziele = []
	for b in range(inputs.shape[0]):
		for t in range(inputs.shape[1]):
			zeilen.append(logits[b, t])
			ziele.append(targets[b, t])
	return cross_entropy(torch.stack(zeilen), torch.stack(ziele))


def train(state, docs, tokenizer, num_steps, batch_size=1, lr=0.01, on_step=None):
	params = parameters(state)
	adam = Adam(params, lr)
	losses = []
	naechster = 0  # welches Dokument als naechstes kommt
	for step in range(num_steps):
		stapel = []
		while len(stapel) < batch_size:
			stapel.append(docs[naechster])
			naechster += 1
			if naechster == len(docs):
				naechster = 0
		inputs, targets = make_batch(stapel, tokenizer, state["wpe"].shape[0])
		for p in params:
			p.grad = None
		loss = batch_loss(state, inputs, targets)
		loss.backward()
		rate = linear_decay(lr, step, num_steps)
		adam.step(rate)
		zahl = float(loss)
		losses.append(zahl)
		print("Schritt", step, "Rate", rate, "Verlust", zahl)
		if on_step != None:
			on_step(step, zahl)
	return losses
