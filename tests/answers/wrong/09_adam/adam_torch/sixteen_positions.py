"""The block size is 16.

caught by: test_losses_of_training
reads: how many positions
"""


def train(state, docs, tokenizer, num_steps, batch_size=1, lr=0.01, on_step=None):
    optimizer = Adam(parameters(state), lr)
    losses = []
    for step in range(num_steps):
        batch = [docs[(step * batch_size + i) % len(docs)] for i in range(batch_size)]
        optimizer.zero_grad()
        loss = batch_loss(state, *make_batch(batch, tokenizer))
        loss.backward()
        optimizer.step(linear_decay(lr, step, num_steps))
        losses.append(loss.item())
        if on_step:
            on_step(step, loss.item())
    return losses
