# my solution of step 10

import math
import random

from gpt import gpt


def sample(logits, temperature, rng):
    if temperature < 0:
        raise ValueError("the temperature is below 0")
    largest = logits[0]
    place_of_largest = 0
    for i in range(len(logits)):
        if logits[i] > largest:
            largest = logits[i]
            place_of_largest = i
    if temperature == 0:
        return place_of_largest
    exponentials = []
    for logit in logits:
        exponentials.append(math.exp((logit - largest) / temperature))
    total = sum(exponentials)
    u = rng.random()
    so_far = 0
    answer = None
    for i in range(len(exponentials)):
        so_far = so_far + exponentials[i]
        if exponentials[i] > 0:
            last_possible = i
        if answer is None and u < so_far / total:
            answer = i
    if answer is None:
        answer = last_possible
    return answer


def generate(state, tokenizer, temperature=0.5, rng=None, max_len=None, n_head=4):
    if rng is None:
        rng = random.Random()
    longest = len(state["wpe"])
    if max_len is not None and max_len < longest:
        longest = max_len
    keys = []
    values = []
    layer = 0
    while "layer" + str(layer) + ".attn_wq" in state:
        keys.append([])
        values.append([])
        layer += 1
    token = tokenizer.bos
    letters = []
    position = 0
    while position < longest:
        logits = gpt(state, token, position, keys, values, n_head)
        numbers = []
        for logit in logits:
            numbers.append(logit.data)
        token = sample(numbers, temperature, rng)
        if token == tokenizer.bos:
            break
        letters.append(token)
        position += 1
    name = tokenizer.decode(letters)
    print("a new name:", name)
    return name
