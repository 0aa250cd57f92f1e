# Schritt 4: zwei Schichten
import torch
from torch import Tensor


def linear(x, w):
	laenge_x = x.shape[-1]
	laenge_w = w.shape[-1]
	if laenge_x != laenge_w:
		raise ValueError("x hat " + str(laenge_x) + " Zahlen, w hat " + str(laenge_w))
	# eine Ausgabe nach der anderen
	ausgaben = []
	for zeile in w:
		produkt = x * zeile
		ausgaben.append(produkt.sum(dim=-1))
	return torch.stack(ausgaben, dim=-1)


def rmsnorm(x, eps=1e-5):
	anzahl = x.shape[-1]
	quadrate = 0
	for i in range(anzahl):
		quadrate = quadrate + x[..., i] ** 2
	mittel = quadrate / anzahl
	wurzel = (mittel + eps) ** 0.5
	faktor = 1 / wurzel
	faktor = faktor.unsqueeze(-1)
	return x * faktor
