# Schritt 3: von Punkten zu Wahrscheinlichkeiten
import torch
from torch import Tensor


def softmax(x, dim=-1):
	anzahl = x.shape[dim]
	if anzahl == 0:
		raise ValueError("softmax von nichts")
	scheiben = x.unbind(dim)  # scheiben[j]: alle Zahlen, die an Stelle j stehen
	# das Maximum, eines nach dem anderen
	hoechste = scheiben[0].detach()
	for scheibe in scheiben[1:]:
		hoechste = torch.maximum(hoechste, scheibe.detach())
	# die Exponentialfunktion, und ihre Summe
	exps = []
	summe = 0
	for scheibe in scheiben:
		e = torch.exp(scheibe - hoechste)
		exps.append(e)
		summe = summe + e
	# teilen
	ergebnis = []
	for e in exps:
		ergebnis.append(e / summe)
	return torch.stack(ergebnis, dim=dim)


def cross_entropy(logits, targets, ignore_index=-1):
	zeilen = logits.shape[0]
	klassen = logits.shape[1]
	# zuerst pruefen
	n = 0
	while n < zeilen:
		ziel = int(targets[n])
		if ziel != ignore_index:
			if ziel < 0 or ziel >= klassen:
				raise IndexError("Ziel " + str(ziel) + " gibt es nicht")
		n += 1
	# dann rechnen
	summe = (logits * 0).sum()  # eine 0, die am Graphen haengt
	gezaehlt = 0
	n = 0
	while n < zeilen:
		ziel = int(targets[n])
		if ziel == ignore_index:
			n += 1
			continue
		zeile = logits[n]
		hoechste = float(zeile.max())
		verschoben = zeile - hoechste
		log_summe = verschoben.exp().sum().log()
		verlust = log_summe - verschoben[ziel]
		summe = summe + verlust
		gezaehlt = gezaehlt + 1
		n += 1
	if gezaehlt == 0:
		print("kein Ziel zaehlt")
		return summe
	return summe / gezaehlt
