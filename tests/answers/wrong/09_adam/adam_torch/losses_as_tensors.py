"""A loss is a tensor.

caught by: test_losses_of_training
reads: a number belongs there
"""


def train(state, docs, tokenizer, num_steps, batch_size=1, lr=0.01, on_step=None):
    optimizer = Adam(parameters(state), lr)
    losses = []
    for step in range(num_steps):
        batch = [docs[(step * batch_size + i) % len(docs)] for i in range(batch_size)]
        optimizer.zero_grad()
        loss = batch_loss(state, *make_batch(batch, tokenizer, len(state["wpe"])))
        loss.backward()
        optimizer.step(linear_decay(lr, step, num_steps))
        losses.append(loss)
        if on_step:
            on_step(step, loss.item())
    return losses
