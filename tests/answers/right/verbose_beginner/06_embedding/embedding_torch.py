# Schritt 6: alle Parameter
import torch
from torch import Generator, Tensor


def matrix(zeilen, spalten, std, generator):
	# eine Zeile nach der anderen
	m = torch.zeros(zeilen, spalten)
	for z in range(zeilen):
		m[z] = torch.randn(spalten, generator=generator) * std
	m.requires_grad = True
	return m


def init_state(vocab_size, n_embd=16, n_layer=1, block_size=16, std=0.08, generator=None):
	state = {}
	state["wte"] = matrix(vocab_size, n_embd, std, generator)
	state["wpe"] = matrix(block_size, n_embd, std, generator)
	state["lm_head"] = matrix(vocab_size, n_embd, std, generator)
	i = 0
	while i < n_layer:
		vorne = "layer" + str(i) + "."
		state[vorne + "attn_wq"] = matrix(n_embd, n_embd, std, generator)
		state[vorne + "attn_wk"] = matrix(n_embd, n_embd, std, generator)
		state[vorne + "attn_wv"] = matrix(n_embd, n_embd, std, generator)
		state[vorne + "attn_wo"] = matrix(n_embd, n_embd, std, generator)
		state[vorne + "mlp_fc1"] = matrix(4 * n_embd, n_embd, std, generator)
		state[vorne + "mlp_fc2"] = matrix(n_embd, 4 * n_embd, std, generator)
		i = i + 1
	print("Zahlen im Modell:", sum(p.numel() for p in state.values()))
	return state


def parameters(state):
	liste = []
	for name in state.keys():
		liste.append(state[name])
	return liste


def embed(state, tokens):
	wte = state["wte"]
	wpe = state["wpe"]
	B = tokens.shape[0]
	T = tokens.shape[1]
	if T > wpe.shape[0]:
		raise IndexError("zu lang: " + str(T))
	saetze = []
	for b in range(B):
		zeilen = []
		for t in range(T):
			nummer = int(tokens[b][t])
			if nummer < 0 or nummer >= wte.shape[0]:
				raise IndexError("kein solches Zeichen: " + str(nummer))
			zeilen.append(wte[nummer] + wpe[t])
		saetze.append(torch.stack(zeilen))
	return torch.stack(saetze)
