# Schritt 2: die Kettenregel. Ohne Rekursion, weil die Kette lang sein kann.
import torch
from torch import Tensor
from torch.autograd.function import BackwardCFunction
from torch.autograd.graph import Node


def topological_order(root):
	wurzel = root.grad_fn
	liste = []
	if wurzel is None:
		print("ein Blatt, nichts zu tun")
		return liste
	# Zustand eines Knotens: 0 = beim wievielten Kind wir sind. "fertig" = steht in der Liste
	zustand = {}
	zustand[wurzel] = 0
	weg = [wurzel]
	while len(weg) > 0:
		knoten = weg[-1]
		kinder = knoten.next_functions
		nummer = zustand[knoten]
		if nummer == len(kinder):
			zustand[knoten] = "fertig"
			liste.append(knoten)
			del weg[-1]
			continue
		zustand[knoten] = nummer + 1
		kind = kinder[nummer][0]
		if kind is None:
			continue
		if kind in zustand:
			continue
		zustand[kind] = 0
		weg.append(kind)
	print("Knoten im Graphen:", len(liste))
	return liste


def backward(root):
	reihe = topological_order(root)
	if len(reihe) == 0:
		return
	# fuer jeden Knoten eine Liste: je Ausgang eine Ableitung
	gesammelt = {}
	for knoten in reihe:
		plaetze = []
		for _ in knoten._input_metadata:
			plaetze.append(None)
		gesammelt[knoten] = plaetze
	gesammelt[root.grad_fn][root.output_nr] = torch.ones_like(root, requires_grad=False)
	i = len(reihe) - 1
	while i >= 0:
		knoten = reihe[i]
		i = i - 1
		meine = gesammelt[knoten]
		# kam ueberhaupt etwas an?
		etwas = False
		for g in meine:
			if g is not None:
				etwas = True
		if etwas == False:
			continue
		try:
			blatt = knoten.variable
		except AttributeError:
			blatt = None
		if blatt is not None:
			neu = meine[0].detach().clone()
			if blatt.grad is None:
				blatt.grad = neu
			else:
				with torch.no_grad():
					blatt.grad.add_(neu)
			continue
		ergebnisse = run_node(knoten, meine)
		for nummer in range(len(ergebnisse)):
			g = ergebnisse[nummer]
			if g is None:
				continue
			kind, ausgang = knoten.next_functions[nummer]
			bisher = gesammelt[kind][ausgang]
			if bisher is None:
				gesammelt[kind][ausgang] = g
			else:
				gesammelt[kind][ausgang] = g + bisher
		gesammelt[knoten] = None  # wird nicht mehr gebraucht
	print("fertig")


def run_node(node: Node, grads: list[Tensor | None]) -> list[Tensor | None]:
	"""Given: call one node. Gradients of its outputs in, gradients of its inputs out.

	grads:    one gradient (or None where there is none) per output of the node
	returns:  one gradient (or None) per entry of `node.next_functions`, in the shape and dtype of that input

	Not for the nodes of leaves, which have no inputs.
	"""
	with torch.no_grad():
		results = _run_python(node, grads) if isinstance(node, BackwardCFunction) else node(*grads)
		results = results if isinstance(results, tuple) else (results,)
		return [_fit(grad, *edge) for grad, edge in zip(results, node.next_functions, strict=True)]


def _run_python(node: Node, grads: list[Tensor | None]) -> tuple[Tensor | None, ...]:
	"""A Function written in Python: it expects zeros instead of None, and answers for inputs that are no tensors."""
	filled = [
		torch.zeros(meta.shape, dtype=meta.dtype, device=meta.device) if grad is None else grad
		for grad, meta in zip(grads, node._input_metadata, strict=True)
	]
	results = node.apply(*filled)
	results = results if isinstance(results, tuple) else (results,)
	needed = iter([grad for grad, needs in zip(results, node.needs_input_grad, strict=False) if needs])
	return tuple(None if child is None else next(needed) for child, _ in node.next_functions)


def _fit(grad: Tensor | None, child: Node | None, i: int) -> Tensor | None:
	"""The gradient in the shape and dtype of output i of `child`.

	An input that was broadcast was used once per copy: the gradients of its copies add up.
	"""
	if grad is None or child is None:
		return None
	meta = child._input_metadata[i]
	return grad.sum_to_size(meta.shape).to(meta.dtype)
