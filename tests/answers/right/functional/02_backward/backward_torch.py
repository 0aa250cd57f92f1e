"""Step 02 on tensors. My own way to call a node, in place of run_node."""

from collections import defaultdict
from functools import reduce
from itertools import chain, repeat
from operator import add

import torch
from torch.autograd.function import BackwardCFunction


def children(node):
    return (child for child, _ in node.next_functions if child is not None)


def postorder(start):
    """Yields a node when everything below it has been yielded."""
    seen = {start}
    stack = [(start, children(start))]
    while stack:
        node, rest = stack[-1]
        for child in rest:
            if child not in seen:
                seen.add(child)
                stack.append((child, children(child)))
                break
        else:
            stack.pop()
            yield node


def topological_order(root):
    return [] if root.grad_fn is None else [*postorder(root.grad_fn)]


def as_tuple(thing):
    return thing if type(thing) is tuple else (thing,)


def gradients(node, grads):
    """One gradient or None for each of node.next_functions."""
    if not isinstance(node, BackwardCFunction):
        return as_tuple(node(*grads))
    zeros = (torch.zeros(meta.shape, dtype=meta.dtype) for meta in node._input_metadata)
    answers = as_tuple(node.apply(*(zero if grad is None else grad for grad, zero in zip(grads, zeros))))
    asked = (grad for grad, needed in zip(answers, node.needs_input_grad) if needed)
    return tuple(next(asked) if child is not None else None for child, _ in node.next_functions)


def fitted(grad, meta):
    """Undo broadcasting: add up the dimensions in front, then those of size 1."""
    while grad.dim() > len(meta.shape):
        grad = grad.sum(0)
    narrow = [i for i, n in enumerate(meta.shape) if n == 1 and grad.shape[i] != 1]
    return (grad.sum(narrow, keepdim=True) if narrow else grad).to(meta.dtype)


def total(grads):
    return reduce(add, grads) if grads else None


def accumulate(leaf, grad):
    leaf.grad = grad.detach().clone() if leaf.grad is None else leaf.grad.detach() + grad


def backward(root):
    order = topological_order(root)
    arrived = defaultdict(list)
    arrived[root.grad_fn, root.output_nr] = [torch.full_like(root.detach(), 1)]
    with torch.no_grad():
        for node in reversed(order):
            places = zip(repeat(node), range(len(node._input_metadata)))
            grads = [total(arrived.pop(place, ())) for place in places]
            if not any(grad is not None for grad in grads):
                continue
            if not node.next_functions:
                accumulate(node.variable, *grads)
                continue
            for grad, (child, i) in zip(gradients(node, grads), node.next_functions):
                if grad is not None and child is not None:
                    arrived[child, i].append(fitted(grad, child._input_metadata[i]))


def leaves(root):
    """Not asked for, but handy: the leaves below `root`."""
    return list(chain(node.variable for node in topological_order(root) if not node.next_functions))
