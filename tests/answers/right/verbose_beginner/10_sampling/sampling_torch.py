# Schritt 10: Namen erfinden
import torch
from gpt_torch import gpt
from softmax_torch import softmax
from tokenizer_torch import Tokenizer
from torch import Generator, Tensor


def sample(logits, temperature, generator=None):
	if temperature < 0:
		raise ValueError("zu kalt!")
	zahlen = logits.tolist()
	hoechste = zahlen[0]
	stelle = 0
	for i in range(len(zahlen)):
		if zahlen[i] > hoechste:
			hoechste = zahlen[i]
			stelle = i
	if temperature == 0:
		return stelle
	p = softmax((logits - hoechste) / temperature, 0).tolist()
	# ein Punkt auf der Linie von 0 bis 1
	punkt = torch.rand(1, generator=generator).item()
	rand = 0.0
	for i in range(len(p)):
		rand = rand + p[i]
		if punkt < rand:
			return i
	# gerundet: die Linie ist ein wenig zu kurz. Dann der letzte, der moeglich ist
	i = len(p) - 1
	while p[i] == 0:
		i = i - 1
	return i


def generate(state, tokenizer, temperature=0.5, generator=None, max_len=None, n_head=4):
	grenze = state["wpe"].shape[0]
	if max_len is not None:
		if max_len < grenze:
			grenze = max_len
	bisher = [tokenizer.bos]
	name = ""
	while len(name) < grenze:
		with torch.no_grad():
			logits = gpt(state, torch.tensor([bisher]), n_head)
		token = sample(logits[0][len(bisher) - 1], temperature, generator)
		if token == tokenizer.bos:
			print("Ende")
			break
		bisher.append(token)
		name = name + tokenizer.decode([token])
	print("Name:", name)
	return name
