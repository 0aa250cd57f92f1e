# Schritt 5: Buchstaben und Zahlen
from pathlib import Path

import torch
from torch import Tensor


def load_docs(path):
	namen = []
	f = open(path, "r", encoding="utf-8")
	for zeile in f.readlines():
		zeile = zeile.strip()
		if len(zeile) == 0:
			continue
		namen.append(zeile)
	f.close()
	print("gelesen:", len(namen), "Namen")
	return namen


class Tokenizer:
	"""Characters to token ids and back, for the characters that occur in `docs`."""

	def __init__(self, docs):
		self.chars = []
		for doc in docs:
			for buchstabe in doc:
				if buchstabe not in self.chars:
					self.chars.append(buchstabe)
		self.chars.sort()
		self.bos = len(self.chars)
		self.vocab_size = self.bos + 1
		# zwei Woerterbuecher, eines fuer jede Richtung
		self.zu_zahl = {}
		self.zu_buchstabe = {}
		nummer = 0
		for buchstabe in self.chars:
			self.zu_zahl[buchstabe] = nummer
			self.zu_buchstabe[nummer] = buchstabe
			nummer += 1
		print("Alphabet:", len(self.chars), "Buchstaben")

	def encode(self, doc):
		ids = []
		ids.append(self.bos)
		for buchstabe in doc:
			if buchstabe in self.zu_zahl:
				ids.append(self.zu_zahl[buchstabe])
			else:
				raise ValueError("Ich kenne diesen Buchstaben nicht: " + buchstabe)
		ids.append(self.bos)
		return torch.tensor(ids, dtype=torch.int64)

	def decode(self, ids):
		if type(ids) != list:
			ids = [int(i) for i in ids]
		text = ""
		for i in ids:
			if i == self.bos:
				continue
			text = text + self.zu_buchstabe[i]
		return text


def make_batch(docs, tokenizer, block_size=16):
	eingaben = []
	ziele = []
	laengste = 0
	for doc in docs:
		ids = tokenizer.encode(doc).tolist()
		eingabe = []
		ziel = []
		for stelle in range(len(ids) - 1):
			if stelle == block_size:
				break
			eingabe.append(ids[stelle])
			ziel.append(ids[stelle + 1])
		eingaben.append(eingabe)
		ziele.append(ziel)
		if len(eingabe) > laengste:
			laengste = len(eingabe)
	# auffuellen
	for eingabe in eingaben:
		while len(eingabe) < laengste:
			eingabe.append(tokenizer.bos)
	for ziel in ziele:
		while len(ziel) < laengste:
			ziel.append(-1)
	print("Stapel:", len(docs), "mal", laengste)
	return torch.LongTensor(eingaben), torch.LongTensor(ziele)
