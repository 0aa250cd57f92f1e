"""on_step is told as soon as the loss is known.

caught by: test_on_step
reads: after the update
"""


def train(state, docs, tokenizer, num_steps, batch_size=1, lr=0.01, on_step=None):
    optimizer = Adam(parameters(state), lr)
    losses = []
    for step in range(num_steps):
        batch = [docs[(step * batch_size + i) % len(docs)] for i in range(batch_size)]
        optimizer.zero_grad()
        loss = batch_loss(state, *make_batch(batch, tokenizer, len(state["wpe"])))
        losses.append(loss.item())
        if on_step:
            on_step(step, loss.item())
        loss.backward()
        optimizer.step(linear_decay(lr, step, num_steps))
    return losses
