# Schritt 7: Attention. Ohne Maske: jede Stelle sieht nur, was vor ihr steht.
import math

import torch
from layers_torch import linear
from softmax_torch import softmax
from torch import Tensor


def attention(x, wq, wk, wv, wo, n_head=4):
	B = x.shape[0]
	T = x.shape[1]
	C = x.shape[2]
	if C % n_head != 0:
		raise ValueError(str(C) + " geht nicht durch " + str(n_head))
	d = C // n_head
	q = linear(x, wq)
	k = linear(x, wk)
	v = linear(x, wv)
	print("Attention: B =", B, "T =", T, "C =", C, "d =", d)
	# hier kommen die Ergebnisse hinein
	alles = torch.zeros(B, T, C, dtype=x.dtype)
	for h in range(n_head):
		von = h * d
		bis = von + d
		for t in range(T):
			frage = q[:, t, von:bis]  # (B, d)
			schluessel = k[:, : t + 1, von:bis]  # (B, t+1, d)
			werte = v[:, : t + 1, von:bis]  # (B, t+1, d)
			punkte = (schluessel * frage.unsqueeze(1)).sum(dim=2)  # (B, t+1)
			punkte = punkte / math.sqrt(d)
			gewichte = softmax(punkte, dim=1)
			mittel = (gewichte.unsqueeze(2) * werte).sum(dim=1)  # (B, d)
			alles[:, t, von:bis] = mittel
	return linear(alles, wo)
