# Schritt 8: das ganze Modell
import torch
from attention_torch import attention
from embedding_torch import embed, init_state
from layers_torch import linear, rmsnorm
from torch import Generator, Tensor


def mlp(x, fc1, fc2):
	h = linear(x, fc1)
	h = h.clone()
	h[h <= 0] = 0
	y = linear(h, fc2)
	return y


def gpt(state, tokens, n_head=4):
	print("gpt:", tuple(tokens.shape))
	x = embed(state, tokens)
	x = rmsnorm(x)
	# wie viele Schichten gibt es?
	schichten = 0
	while ("layer" + str(schichten) + ".mlp_fc1") in state:
		schichten += 1
	for i in range(schichten):
		vorne = "layer" + str(i) + "."
		wq = state[vorne + "attn_wq"]
		wk = state[vorne + "attn_wk"]
		wv = state[vorne + "attn_wv"]
		wo = state[vorne + "attn_wo"]
		fc1 = state[vorne + "mlp_fc1"]
		fc2 = state[vorne + "mlp_fc2"]
		vorher = x
		x = rmsnorm(x)
		x = attention(x, wq, wk, wv, wo, n_head)
		x = x + vorher
		vorher = x
		x = rmsnorm(x)
		x = mlp(x, fc1, fc2)
		x = x + vorher
	logits = linear(x, state["lm_head"])
	return logits


class GPT(torch.nn.Module):
	"""The model with its parameters."""

	def __init__(self, vocab_size, n_embd=16, n_head=4, n_layer=1, block_size=16, generator=None):
		super(GPT, self).__init__()
		self.n_head = n_head
		self.n_layer = n_layer
		anfang = init_state(vocab_size, n_embd, n_layer, block_size, 0.08, generator)
		self.wte = torch.nn.Parameter(anfang["wte"])
		self.wpe = torch.nn.Parameter(anfang["wpe"])
		self.lm_head = torch.nn.Parameter(anfang["lm_head"])
		for i in range(n_layer):
			for teil in ["attn_wq", "attn_wk", "attn_wv", "attn_wo", "mlp_fc1", "mlp_fc2"]:
				p = torch.nn.Parameter(anfang["layer" + str(i) + "." + teil])
				self.register_parameter("layer" + str(i) + "_" + teil, p)

	def forward(self, tokens):
		state = {}
		state["wte"] = self.wte
		state["wpe"] = self.wpe
		state["lm_head"] = self.lm_head
		for i in range(self.n_layer):
			for teil in ["attn_wq", "attn_wk", "attn_wv", "attn_wo", "mlp_fc1", "mlp_fc2"]:
				state["layer" + str(i) + "." + teil] = getattr(self, "layer" + str(i) + "_" + teil)
		return gpt(state, tokens, self.n_head)
