"""backward sets the gradients, so nothing has to be cleared.

caught by: test_training
"""


def train(state, docs, tokenizer, num_steps, lr=0.01, on_step=None):
    optimizer = Adam(parameters(state), lr)
    losses = []
    for step in range(num_steps):
        tokens = tokenizer.encode(docs[step % len(docs)])
        loss = doc_loss(state, tokens)
        backward(loss)
        optimizer.step(linear_decay(lr, step, num_steps))
        losses.append(loss.data)
        if on_step is not None:
            on_step(step, loss.data)
    return losses
